import type { Http2Stream } from 'node:http2'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isStreamEnded, onceStreamEnded, streamOf } from './http2.js'
import { raiseListenerLimit } from './listener-limit.js'
import type { LimitedEmitter } from './listener-limit.js'

/** The transport of a request. Its end is the last event of the request. */
export interface Connection extends LimitedEmitter {
  readonly destroyed: boolean
  readonly writableFinished?: boolean
  once (event: 'close', listener: () => void): unknown
}

/** The connection of a request: its socket, over HTTP/2 its stream, with `inject` (no real socket) its response. */
export function connectionOf (request: FastifyRequest, reply: FastifyReply): Connection {
  const socket: Partial<Connection> | undefined = request.raw.socket
  return streamOf(request.raw) ?? (socket?.destroyed === undefined ? reply.raw : socket as Connection)
}

/** Calls `listener` once, when the connection of a request has ended, even if it already has. */
export function onceDisconnected (request: FastifyRequest, connection: Connection, listener: () => void): void {
  const stream = streamOf(request.raw)
  // The client disconnected during an earlier hook, so `close` has already been emitted.
  if (connection.destroyed) process.nextTick(listener)
  else if (stream !== undefined) onceStreamEnded(stream, listener)
  else {
    raiseListenerLimit(connection)
    connection.once('close', listener)
  }
}

/**
 * Whether a response was sent completely. Call it only when the end of the response is reported, by `onResponse` or
 * `finish`. Fastify also reports the end of a response that fails, and of one whose connection closes while its last
 * bytes are queued.
 */
export function isCompleteAtEnd (request: Pick<FastifyRequest, 'raw'>, { raw }: Pick<FastifyReply, 'raw'>): boolean {
  const stream = streamOf(raw)
  if (stream !== undefined) return isStreamFullySent(stream)
  if (!raw.writableEnded) return false
  const socket: Partial<Connection> | undefined = request.raw.socket
  if (socket?.destroyed !== true) return true
  // An application that refuses an upgrade may close its socket at once.
  if (isUpgrade(request)) return true
  // After the last response Node itself closes the socket, possibly while a hook that was added before this plugin's is
  // pending. A response is marked as destroyed one tick after its end: if it is not, the socket was destroyed first.
  return raw.destroyed && socket.writableFinished === true
}

/**
 * Whether a response has been sent completely, at any time. It is for a response whose end was not reported: otherwise
 * call `isCompleteAtEnd`.
 */
export function isFullySent (response: FastifyReply['raw']): boolean {
  const stream = streamOf(response)
  if (stream !== undefined) return isStreamFullySent(stream)
  // An injected response is sent when it is ended.
  const socket: Partial<Connection> | undefined = response.req.socket
  if (socket?.destroyed === undefined) return response.writableEnded
  // Node discards data that is written to a destroyed socket, but still finishes the response. It only detaches the
  // socket from a response that was sent.
  return response.writableEnded && response.writableFinished && response.socket === null
}

/** Whether the response on an HTTP/2 stream has been sent completely, at any time. */
function isStreamFullySent (stream: Http2Stream): boolean {
  // Node also finishes a stream that is closed before its response has ended: such a stream is `aborted`.
  return stream.writableFinished && !stream.aborted
}

/** Whether data that is written to a response from now on can still be sent. */
export function canSend (response: FastifyReply['raw']): boolean {
  if (response.destroyed || response.writableEnded) return false
  const stream = streamOf(response)
  if (stream !== undefined) return stream.writable && !stream.closed
  // A pipelined response has no socket until the responses before it are sent.
  return (response.socket ?? response.req.socket).writable
}

/** Whether a request is an upgrade, and the server has a listener for upgrades. */
export function isUpgrade ({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  return 'upgrade' in raw && raw.upgrade === true
}

/**
 * Whether the response to a request has not ended yet, read from Node alone. It is for a request that the hooks of this
 * plugin have not seen, or no longer see.
 */
export function hasPendingResponse (raw: FastifyRequest['raw']): boolean {
  const stream = streamOf(raw)
  if (stream !== undefined) return !isStreamEnded(stream)
  // `_httpMessage` is private to Node, and the only reference from a request to its response.
  const socket = raw.socket as {
    readonly destroyed?: boolean
    readonly _httpMessage?: { readonly req?: unknown } | null
  } | null
  if (socket === null) return false
  // `inject` has no real socket.
  return socket.destroyed === undefined || (!socket.destroyed && socket._httpMessage?.req === raw)
}
