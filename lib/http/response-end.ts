import type { FastifyReply, FastifyRequest } from 'fastify'
import { isCompleted, isFinished } from './connection.js'
import { isStreamEnded, onceStreamEnded, streamOf } from './http2.js'
import { raiseListenerLimit, lowerListenerLimit } from './listener-limit.js'

type Request = FastifyRequest['raw']
type Response = FastifyReply['raw']
type Socket = Request['socket']

/** What waits for the end of a connection. One listener serves all, since a client may pipeline many requests. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Whether a response is over: completely sent, or its connection is gone. */
export function isResponseEnded (request: Request, response: Response): boolean {
  const stream = streamOf(response)
  if (stream !== undefined) return isStreamEnded(stream)
  // A response that Node has queued behind an earlier one has no socket, so the one of the request is asked.
  return response.destroyed || request.socket.destroyed || isFinished(response)
}

/**
 * Calls back once, when a response is over, also if it already is. `isComplete` says whether all of it was sent.
 *
 * The `close` of the response is not enough: it may have come before anybody listened, and it never comes for one that
 * Node has queued behind an earlier one of the same connection. The socket of the request closes in each case.
 */
export function onceResponseEnded (request: Request, response: Response, listener: (isComplete: boolean) => void): void {
  const stream = streamOf(response)
  let isNotified = false
  const notify = (isComplete: boolean): void => {
    if (isNotified) return
    isNotified = true
    if (stream === undefined) stopWaiting(request.socket, onGone)
    listener(isComplete)
  }
  // Over HTTP/2, nothing else may tell of a response that was sent. Over HTTP/1, `finish` comes first.
  const onGone = (): void => { notify(stream !== undefined && isFinished(response)) }

  if (isResponseEnded(request, response)) {
    process.nextTick(onGone)
    return
  }
  raiseListenerLimit(response)
  response.once('finish', () => { notify(isCompleted({ raw: request }, { raw: response })) })
  response.once('close', onGone)
  if (stream !== undefined) onceStreamEnded(stream, onGone)
  else waitForClose(request.socket, onGone)
}

function waitForClose (socket: Socket, listener: () => void): void {
  const listeners = waiting.get(socket)
  if (listeners !== undefined) {
    listeners.add(listener)
    return
  }
  waiting.set(socket, new Set([listener]))
  raiseListenerLimit(socket)
  socket.on('close', notifyAll)
}

function stopWaiting (socket: Socket, listener: () => void): void {
  const listeners = waiting.get(socket)
  listeners?.delete(listener)
  if (listeners?.size !== 0) return
  waiting.delete(socket)
  socket.off('close', notifyAll)
  lowerListenerLimit(socket)
}

function notifyAll (this: Socket): void {
  for (const listener of waiting.get(this) ?? []) listener()
}
