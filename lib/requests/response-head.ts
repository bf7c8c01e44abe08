import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { connectionOf } from '../http/connection.js'
import { isStreamEnded, streamOf } from '../http/http2.js'
import { ABORTED, sentStatus } from '../http/status.js'
import { shadow } from '../util/shadow.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * Calls `listener` once, when the head of a response has been written, with its status: 499 if the client has
 * disconnected before. Informational heads and heads that Node refuses to write do not count. `listener` is not called
 * for a response that ends without a head.
 */
export function onceHeadWritten (
  request: FastifyRequest, reply: FastifyReply, listener: (status: number) => void
): void {
  const stream = streamOf(request.raw)
  if (stream === undefined) onceHttp1HeadWritten(request, reply, listener)
  else onceHttp2HeadWritten(stream as ServerHttp2Stream, reply, listener)
}

/** Whether data written to the socket of a request can no longer reach its client. */
function isSocketClosed (request: FastifyRequest, reply: FastifyReply): boolean {
  // If the client has closed its side of the socket, Node ends the socket first, and destroys it later.
  return connectionOf(request, reply).destroyed || request.raw.socket.writable === false
}

// All heads of HTTP/1, including implicit ones, are written by `writeHead`. `writeHeader` is its older name.
function onceHttp1HeadWritten (
  request: FastifyRequest, reply: FastifyReply, listener: (status: number) => void
): void {
  const response = reply.raw as ServerResponse & { writeHeader?: Method }
  let isNotified = false
  const notify = (): void => {
    if (isNotified || !response.headersSent) return
    isNotified = true
    listener(isSocketClosed(request, reply) ? ABORTED : sentStatus(response))
  }
  notify()
  callAfter(response, 'writeHead', notify)
  callAfter(response, 'writeHeader', notify)
}

// All heads of HTTP/2 are written by `respond`, except those of files. The head of a file is written when the file is
// open, just before Node ends the stream on the JavaScript side.
function onceHttp2HeadWritten (
  stream: ServerHttp2Stream, reply: FastifyReply, listener: (status: number) => void
): void {
  let isNotified = false
  const notify = (): void => {
    if (isNotified || !stream.headersSent) return
    isNotified = true
    listener(isStreamEnded(stream) ? ABORTED : sentStatus(reply.raw))
  }
  notify()
  callAfter(stream, 'respond', notify)
  callAfter(stream, 'end', notify)
}

/** Shadows a method of one object: the new method does the same and then calls `listener`, unless it throws. */
function callAfter<Name extends string> (target: { [name in Name]?: unknown }, name: Name, listener: () => void): void {
  const method = target[name]
  if (typeof method !== 'function') return
  shadow(target, name, function callAndNotify (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(method, this, args)
    listener()
    return result
  })
}
