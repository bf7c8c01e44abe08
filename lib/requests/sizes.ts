import type { FastifyReply, FastifyRequest } from 'fastify'
import { canSend, isCompleteAtEnd } from '../http/connection.js'
import { sentStatus } from '../http/status.js'

/** The sizes of the bodies of one request and its response, in bytes. */
export interface BodySizes {
  readonly received: number
  readonly sent: number
}

function byteLength (chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

/**
 * Counts the body bytes of a request and its response, from this call on. It shadows `push`, which Node's parser calls
 * with every chunk of a request body, and `write` and `end`, which get every chunk of a response. Listeners or hooks
 * would miss an unread body and a hijacked response, and would change how a stream flows.
 */
export function countBodies (request: FastifyRequest, reply: FastifyReply): BodySizes {
  const { raw } = request
  const response = reply.raw
  // While an asynchronous hook ran before this call, Node may have buffered chunks.
  let received = raw.readableLength
  let sent = 0

  const push = raw.push
  raw.push = function countReceived (chunk: unknown, encoding?: BufferEncoding) {
    received += byteLength(chunk, encoding)
    return push.call(raw, chunk, encoding)
  }

  let isNested = false
  for (const name of ['write', 'end'] as const) {
    const original = response[name]
    response[name] = function countSent (...args: unknown[]) {
      // HTTP/2 and `inject` call `write` inside `end` for the last chunk.
      if (isNested) return Reflect.apply(original, response, args)
      isNested = true
      // Data written after the end, or to a client that has disconnected, is not sent.
      if (canSend(response) && hasBody(request, response)) sent += byteLength(args[0], args[1])
      try {
        return Reflect.apply(original, response, args)
      } finally {
        isNested = false
      }
    } as never // one function for the overloads of both
  }
  return {
    get received () { return received },
    // A pipelined response that still waits for earlier responses when its request ends is never sent.
    get sent () { return response.socket === null && response.writableLength > 0 ? 0 : sent }
  }
}

/** The sizes that headers declare, for a request whose bodies were not counted: an earlier hook responded to it. */
export function declaredSizes (request: FastifyRequest, reply: FastifyReply | null): BodySizes {
  const { raw, headers } = request
  const isSent = reply !== null && isCompleteAtEnd(request, reply) && hasBody(request, reply.raw)
  return {
    // An incomplete body is shorter than its declared length.
    received: raw.complete === false ? raw.readableLength : declaredLength(headers['content-length']),
    sent: isSent ? declaredLength(reply.raw.getHeader('content-length')) : 0
  }
}

function declaredLength (header: unknown): number {
  const length = Number(header)
  return length > 0 ? length : 0
}

// Responses to HEAD, and those with 204 or 304, have no body, even if one is written or declared.
function hasBody ({ method }: FastifyRequest, response: FastifyReply['raw']): boolean {
  const status = sentStatus(response)
  return method !== 'HEAD' && status !== 204 && status !== 304
}
