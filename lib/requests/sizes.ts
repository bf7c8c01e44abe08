import type { FastifyReply, FastifyRequest } from 'fastify'
import { isCompleteAtEnd, canSend } from '../http/connection.js'
import { sentStatus } from '../http/status.js'

/** Bytes of the bodies of one request. */
export interface BodySizes {
  readonly received: number
  readonly sent: number
}

function byteLength (chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

/**
 * Counts the body bytes of a request and its response from here on, as they pass, whoever reads or writes them: Node's
 * parser hands every chunk of a body to `push`, and every chunk of a response goes through `write` or `end`. Listeners
 * or hooks would see neither a body that nobody reads nor a hijacked response, and would change how a stream flows.
 */
export function countBodies (request: FastifyRequest, reply: FastifyReply): BodySizes {
  const { raw } = request
  const response = reply.raw
  // What an asynchronous hook before ours let in stands in the buffer.
  let received = raw.readableLength
  let sent = 0

  const push = raw.push
  raw.push = function countReceived (chunk: unknown, encoding?: BufferEncoding) {
    received += byteLength(chunk, encoding)
    return push.call(raw, chunk, encoding)
  }

  let nested = false
  for (const name of ['write', 'end'] as const) {
    const original = response[name]
    response[name] = function countSent (...args: unknown[]) {
      // HTTP/2 and `inject` write the last chunk from within `end`.
      if (nested) return Reflect.apply(original, response, args)
      nested = true
      // What is written behind the end, or to a client that has left, is not sent.
      if (canSend(response) && hasBody(request, response)) sent += byteLength(args[0], args[1])
      try {
        return Reflect.apply(original, response, args)
      } finally {
        nested = false
      }
    } as never // one function for the overloads of both
  }
  return {
    get received () { return received },
    // A response that still waits for those before it on the connection is not sent, if nothing comes of it any more.
    get sent () { return response.socket === null && response.writableLength > 0 ? 0 : sent }
  }
}

/** The sizes that headers declare, for a request whose bodies nobody counted: an earlier hook has answered it. */
export function declaredSizes (request: FastifyRequest, reply: FastifyReply | null): BodySizes {
  const { raw, headers } = request
  const isSent = reply !== null && isCompleteAtEnd(request, reply) && hasBody(request, reply.raw)
  return {
    // A body that did not come whole is less than it was declared to be.
    received: raw.complete === false ? raw.readableLength : declaredLength(headers['content-length']),
    sent: isSent ? declaredLength(reply.raw.getHeader('content-length')) : 0
  }
}

function declaredLength (header: unknown): number {
  const length = Number(header)
  return length > 0 ? length : 0
}

// HEAD, 204 and 304 have no body, whatever is written or declared.
function hasBody ({ method }: FastifyRequest, response: FastifyReply['raw']): boolean {
  const status = sentStatus(response)
  return method !== 'HEAD' && status !== 204 && status !== 304
}
