import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isCompleteAtEnd } from './connection.js'
import { streamOf } from './http2.js'

/** The status of a request whose response was not completed, for any reason. It is the code of nginx for this. */
export const ABORTED = 499

// An array, because V8 stores Node's table as a dictionary, whose lookup is slower.
const STANDARD_MESSAGES = Array.from({ length: 600 }, (_, code) => STATUS_CODES[code] ?? null)

/**
 * The status that was sent, or that will be sent if no head was sent yet. An application may set `statusCode` after the
 * head was sent, which changes nothing for the client.
 */
export function sentStatus (response: ServerResponse): number {
  // `| 0`, because Node also accepts a string, but series are found by the number.
  const code = response.statusCode | 0
  // Node sets `statusMessage` with the head, so it shows whether the code is the one that was sent. Reading the head of
  // each response costs 180 B and hundreds of nanoseconds, because V8 first joins the strings that Node concatenated.
  // A response over HTTP/2 has no message, and its getter emits a warning.
  return streamOf(response) === undefined && hasStandardMessage(response, code) ? code : statusOfHead(response, code)
}

/** The status of a request when `onResponse` reports the end of its response: 499 if not all of it was sent. */
export function endStatus (request: FastifyRequest, reply: FastifyReply): number {
  const { raw } = reply
  const code = raw.statusCode | 0
  const socket: { readonly destroyed?: boolean } | undefined = request.raw.socket
  // One check for nearly all responses: V8 limits how much code it inlines into a hook.
  const isOrdinary =
    streamOf(raw) === undefined && raw.writableEnded && socket?.destroyed !== true && hasStandardMessage(raw, code)
  return isOrdinary ? code : endStatusInFull(request, reply)
}

function endStatusInFull (request: FastifyRequest, reply: FastifyReply): number {
  return isCompleteAtEnd(request, reply) ? sentStatus(reply.raw) : ABORTED
}

function hasStandardMessage ({ statusMessage }: ServerResponse, code: number): boolean {
  return code < STANDARD_MESSAGES.length && statusMessage === STANDARD_MESSAGES[code]
}

/** The status in the head of a response; `code` if there is none. */
function statusOfHead (response: ServerResponse, code: number): number {
  const stream = streamOf(response)
  if (stream !== undefined) return Number(stream.sentHeaders?.[':status'] ?? code)
  // `_header` is private to Node, but no public property has the status.
  const { _header: head } = response as { readonly _header?: unknown }
  // The three digits after `HTTP/1.1 `.
  return (typeof head === 'string' && Number(head.slice(9, 12))) || code
}
