import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isCompleted } from './connection.js'
import { streamOf } from './http2.js'

/** The status of a request whose response was not completed, whoever broke it; nginx's code for it. */
export const ABORTED = 499

// An array, since Node's own table is a dictionary to V8, whose lookup takes longer.
const MESSAGES = Array.from({ length: 600 }, (_, code) => STATUS_CODES[code] ?? null)

/**
 * The status that was sent, or will be if no head was sent yet. `statusCode` may still be set after the head was sent,
 * which changes nothing for the client.
 */
export function sentStatus (response: ServerResponse): number {
  // A string is as good for Node, but not for whoever finds series by it.
  const code = response.statusCode | 0
  // Node sets the message with the head, so it tells whether the code is the one that was sent. To read the head of
  // each response would take 180 B and hundreds of nanoseconds, since V8 first joins the strings that Node made it of.
  // A response of HTTP/2 has none, and warns of whoever asks for it.
  return streamOf(response) === undefined && isMessageOf(response, code) ? code : statusOfHead(response, code)
}

/** The status of a request of whose response Fastify says that it is over: 499 if not all of it was sent. */
export function endStatus (request: FastifyRequest, reply: FastifyReply): number {
  const { raw } = reply
  const code = raw.statusCode | 0
  const socket: { readonly destroyed?: boolean } | undefined = request.raw.socket
  // What nearly all are, in one look: V8 inlines no more than so much into a hook.
  const isOrdinary = streamOf(raw) === undefined && raw.writableEnded && socket?.destroyed !== true && isMessageOf(raw, code)
  return isOrdinary ? code : endStatusInFull(request, reply)
}

function endStatusInFull (request: FastifyRequest, reply: FastifyReply): number {
  return isCompleted(request, reply) ? sentStatus(reply.raw) : ABORTED
}

function isMessageOf ({ statusMessage }: ServerResponse, code: number): boolean {
  return code < MESSAGES.length && statusMessage === MESSAGES[code]
}

/** The status in the head of a response; `code` if there is none. */
function statusOfHead (response: ServerResponse, code: number): number {
  const stream = streamOf(response)
  if (stream !== undefined) return Number(stream.sentHeaders?.[':status'] ?? code)
  // Private to Node, but nothing public has it.
  const { _header: head } = response as { readonly _header?: unknown }
  // Behind `HTTP/1.1 `.
  return (typeof head === 'string' && Number(head.slice(9, 12))) || code
}
