import type { FastifyReply, FastifyRequest } from 'fastify'
import { raiseListenerLimit } from '../http/listener-limit.js'
import { ABORTED, sentStatus } from '../http/status.js'

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/

/** The status in the head of a response; `undefined` for an interim response such as 103, which another one follows. */
function finalStatusOf (head: string): number | undefined {
  const status = Number(STATUS_LINE.exec(head)?.[1] ?? ABORTED)
  return status < 200 && status !== 101 ? undefined : status
}

/** The listeners of an upgrade. */
export interface UpgradeListeners {
  /** Called with the status when the socket has closed. */
  readonly onEnd: (status: number) => void
  /** Called with the status when the response is written to the socket: 499 if the client has disconnected before. */
  readonly onResponseHead?: ((status: number) => void) | undefined
}

/**
 * Reports the status of an upgrade when its socket has closed. Fastify calls no hook for an upgrade that is accepted,
 * or that is refused on the socket. For an upgrade that is refused through the reply, `onResponse` is called before.
 */
export function observeUpgrade (
  request: FastifyRequest, { raw }: FastifyReply, { onEnd, onResponseHead }: UpgradeListeners
): void {
  const { socket } = request.raw
  // The client disconnected during an earlier hook, so `close` has already been emitted.
  if (socket.destroyed) {
    onEnd(ABORTED)
    return
  }
  let headStatus: number | undefined
  // An application accepts or refuses an upgrade by writing a response to the socket. Only this response shows which.
  for (const name of ['write', 'end'] as const) {
    const original = socket[name]
    socket[name] = function recordStatus (...args: unknown[]) {
      const status = finalStatusOf(String(args[0]))
      // Data written to a closed socket is not sent.
      if (socket.writable) headStatus ??= status
      if (headStatus !== undefined) socket[name] = original as never
      if (status !== undefined) onResponseHead?.(headStatus ?? ABORTED)
      return Reflect.apply(original, socket, args)
    } as never // one function for the overloads of both
  }
  raiseListenerLimit(socket)
  socket.once('close', function countUpgrade () {
    // A response also finishes if the socket was destroyed before and nothing was written to it.
    if (headStatus === undefined) onEnd(ABORTED)
    else if (!raw.headersSent) onEnd(headStatus)
    else onEnd(raw.writableEnded && raw.writableFinished ? sentStatus(raw) : ABORTED)
  })
}
