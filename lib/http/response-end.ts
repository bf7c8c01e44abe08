import type { FastifyReply, FastifyRequest } from 'fastify'
import { isCompleteAtEnd, isFullySent } from './connection.js'
import { isStreamEnded, onceStreamEnded, streamOf } from './http2.js'
import { lowerListenerLimit, raiseListenerLimit } from './listener-limit.js'

type Request = FastifyRequest['raw']
type Response = FastifyReply['raw']
type Socket = Request['socket']

/** The callbacks for the `close` of a socket. They share one listener, since a client may pipeline many requests. */
const callbacksOf = new WeakMap<Socket, Set<() => void>>()

/** Whether a response has ended: it was sent completely, or its connection is closed. */
export function isResponseEnded (request: Request, response: Response): boolean {
  const stream = streamOf(response)
  if (stream !== undefined) return isStreamEnded(stream)
  // A response that Node has queued behind an earlier one has no socket, so read the socket of the request.
  return response.destroyed || request.socket.destroyed || isFullySent(response)
}

/**
 * Calls `listener` once, when a response has ended, even if it already has. `isComplete` is whether all of it was sent.
 *
 * The `close` event of the response is not enough: it may have been emitted before, and it is never emitted for a
 * response that Node has queued behind an earlier one of the same connection. The socket of the request closes in each
 * case.
 */
export function onceResponseEnded (
  request: Request, response: Response, listener: (isComplete: boolean) => void
): void {
  const stream = streamOf(response)
  let isNotified = false
  const notify = (isComplete: boolean): void => {
    if (isNotified) return
    isNotified = true
    if (stream === undefined) stopWaiting(request.socket, onClose)
    listener(isComplete)
  }
  // Over HTTP/2, no other event may report a response that was sent. Over HTTP/1, `finish` is emitted first.
  const onClose = (): void => { notify(stream !== undefined && isFullySent(response)) }

  if (isResponseEnded(request, response)) {
    process.nextTick(onClose)
    return
  }
  raiseListenerLimit(response)
  response.once('finish', () => { notify(isCompleteAtEnd({ raw: request }, { raw: response })) })
  response.once('close', onClose)
  if (stream !== undefined) onceStreamEnded(stream, onClose)
  else waitForClose(request.socket, onClose)
}

function waitForClose (socket: Socket, callback: () => void): void {
  const callbacks = callbacksOf.get(socket)
  if (callbacks !== undefined) {
    callbacks.add(callback)
    return
  }
  callbacksOf.set(socket, new Set([callback]))
  raiseListenerLimit(socket)
  socket.on('close', notifyAll)
}

function stopWaiting (socket: Socket, callback: () => void): void {
  const callbacks = callbacksOf.get(socket)
  callbacks?.delete(callback)
  if (callbacks?.size !== 0) return
  callbacksOf.delete(socket)
  socket.off('close', notifyAll)
  lowerListenerLimit(socket)
}

function notifyAll (this: Socket): void {
  for (const callback of callbacksOf.get(this) ?? []) callback()
}
