import type { FastifyReply, FastifyRequest } from 'fastify'

/** Bytes of the bodies of one request. */
export interface BodySizes {
  received: number
  sent: number
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
  const sizes: BodySizes = { received: raw.readableLength, sent: 0 }

  const push = raw.push
  raw.push = function countReceived (chunk: unknown, encoding?: BufferEncoding) {
    sizes.received += byteLength(chunk, encoding)
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
      const isOpen = !response.destroyed && !response.writableEnded
      if (isOpen && hasBody(request, response.statusCode)) sizes.sent += byteLength(args[0], args[1])
      try {
        return Reflect.apply(original, response, args)
      } finally {
        nested = false
      }
    } as never // one function for the overloads of both
  }
  return sizes
}

/** The sizes that headers declare, for a request whose bodies nobody counted: an earlier hook has answered it. */
export function declaredSizes (request: FastifyRequest, reply: FastifyReply | null): BodySizes {
  const { raw, headers } = request
  return {
    // A body that did not come whole is less than it was declared to be.
    received: raw.complete === false ? raw.readableLength : declaredLength(headers['content-length']),
    sent: reply !== null && hasBody(request, reply.statusCode) ? declaredLength(reply.raw.getHeader('content-length')) : 0
  }
}

function declaredLength (header: unknown): number {
  const length = Number(header)
  return length > 0 ? length : 0
}

// HEAD, 204 and 304 have no body, whatever is written or declared.
function hasBody ({ method }: FastifyRequest, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}
