import type { Http2Stream } from 'node:http2'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isStreamEnded, onceStreamEnded, streamOf } from './http2.js'
import { raiseListenerLimit } from './listener-limit.js'
import type { LimitedEmitter } from './listener-limit.js'

/** What a request comes over, and whose end is the last that can be heard of it. */
export interface Connection extends LimitedEmitter {
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
  else if (stream !== undefined) onceStreamEnded(stream, listener)
  else {
    raiseListenerLimit(connection)
    connection.once('close', listener)
  }
}

/**
 * Whether a response was sent completely of which Fastify says that it is over: it also says so when the response
 * fails, and when it is cut off while its last bytes wait to be sent.
 */
export function isCompleted (request: Pick<FastifyRequest, 'raw'>, { raw }: Pick<FastifyReply, 'raw'>): boolean {
  const stream = streamOf(raw)
  if (stream !== undefined) return isSent(stream)
  if (!raw.writableEnded) return false
  const socket: Partial<Connection> | undefined = request.raw.socket
  if (socket?.destroyed !== true) return true
  // Whoever refuses an upgrade may close its socket at once.
  if (isUpgrade(request)) return true
  // The server closes the socket itself after the last response, which may be before a hook that was added before ours
  // calls back. A response is marked as destroyed one tick after its end: if it is not, the socket was destroyed first.
  return raw.destroyed && socket.writableFinished === true
}

/** Whether a response was sent completely of which Fastify has said nothing. */
export function isFinished (response: FastifyReply['raw']): boolean {
  const stream = streamOf(response)
  if (stream !== undefined) return isSent(stream)
  // An injected response is sent as soon as it is ended.
  const socket: Partial<Connection> | undefined = response.req.socket
  if (socket?.destroyed === undefined) return response.writableEnded
  // Node drops what is written to a destroyed socket, and finishes the response all the same. It only takes the socket
  // from a response that was sent.
  return response.writableEnded && response.writableFinished && response.socket === null
}

/** Whether the response on a stream was sent completely. */
function isSent (stream: Http2Stream): boolean {
  // Node also ends a stream that is closed before its response has ended: it is `aborted` then.
  return stream.writableFinished && !stream.aborted
}

/** Whether what is written to a response from now on may still be sent. */
export function isOpen (response: FastifyReply['raw']): boolean {
  if (response.destroyed || response.writableEnded) return false
  const stream = streamOf(response)
  if (stream !== undefined) return stream.writable && !stream.closed
  // A response has no socket while those before it on the connection are not sent.
  return (response.socket ?? response.req.socket).writable
}

/** Whether a request has asked for an upgrade, and the server listens to such. */
export function isUpgrade ({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  return 'upgrade' in raw && raw.upgrade === true
}

/**
 * Whether Node still answers a request of HTTP/1 or HTTP/2. It is for a request that no hook of this plugin has seen, or
 * sees no more.
 */
export function hasPendingResponse (raw: FastifyRequest['raw']): boolean {
  const stream = streamOf(raw)
  if (stream !== undefined) return !isStreamEnded(stream)
  // Private to Node, and the one thing that leads from a request to its response.
  const socket = raw.socket as { readonly destroyed?: boolean, readonly _httpMessage?: { readonly req?: unknown } | null } | null
  // `inject` has no real socket.
  return socket !== null && (socket.destroyed === undefined || (!socket.destroyed && socket._httpMessage?.req === raw))
}
