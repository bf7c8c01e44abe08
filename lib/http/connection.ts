import type { FastifyReply, FastifyRequest } from 'fastify'
import { onceOver, streamOf } from './http2.js'

/** What a request comes over, and whose end is the last that can be heard of it. */
export interface Connection {
  readonly destroyed: boolean
  readonly writableFinished?: boolean
  once (event: 'close', listener: () => void): unknown
}

/** The socket of a request, over HTTP/2 its stream, and its response where a test injects it without a real socket. */
export function connectionOf (request: FastifyRequest, reply: FastifyReply): Connection {
  const socket: Partial<Connection> | undefined = request.raw.socket
  return streamOf(request.raw) ?? (socket?.destroyed === undefined ? reply.raw : socket as Connection)
}

/** Calls back once, when the connection of a request is over. */
export function onceDisconnected (request: FastifyRequest, connection: Connection, listener: () => void): void {
  const stream = streamOf(request.raw)
  // It has closed already if the client left while an earlier hook was at work.
  if (connection.destroyed) process.nextTick(listener)
  else if (stream !== undefined) onceOver(stream, listener)
  else connection.once('close', listener)
}

/**
 * Whether a response has been sent completely of which Fastify says that it is over: it also says so when the response
 * fails, and when it is cut off while its last bytes wait to be sent.
 */
export function isCompleted (request: Pick<FastifyRequest, 'raw'>, { raw }: Pick<FastifyReply, 'raw'>): boolean {
  if (!raw.writableEnded) return false
  const socket: Partial<Connection> | undefined = request.raw.socket
  // One that is closed by the server, after its last byte, may be gone before a hook that comes before ours lets go.
  if (socket?.destroyed !== true || socket.writableFinished === true) return true
  // A stream is always closed by then, and whoever refuses an upgrade may close its socket at once.
  return isUpgrade(request) || (streamOf(request.raw) !== undefined && isFinished(raw))
}

/** Whether a response has been sent completely of which Fastify has said nothing. */
export function isFinished (response: FastifyReply['raw']): boolean {
  // Both, since Node finishes the stream of a response that was aborted before its end.
  return response.writableEnded && response.writableFinished
}

/** Whether a request has asked for an upgrade, and the server listens to such. */
export function isUpgrade ({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  return 'upgrade' in raw && raw.upgrade === true
}
