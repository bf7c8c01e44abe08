import type { FastifyReply, FastifyRequest } from 'fastify'
import { raiseListenerLimit } from '../http/listener-limit.js'
import { ABORTED, sentStatus } from '../http/status.js'

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/

/** The status that an answer begins with; undefined for an interim one, such as 103, behind which another comes. */
function finalStatus (headStatus: string): number | undefined {
  const status = Number(STATUS_LINE.exec(headStatus)?.[1] ?? ABORTED)
  return status < 200 && status !== 101 ? undefined : status
}

/** Who is told of an upgrade. */
export interface UpgradeListeners {
  /** Gets the status when the socket has closed. */
  readonly onEnd: (status: number) => void
  /** Gets the status when the answer is written to the socket: 499 when the client was gone by then. */
  readonly onResponseHead?: ((status: number) => void) | undefined
}

/**
 * Tells the status of an upgrade once its socket has closed. Of one that is accepted, or refused on the socket itself,
 * no hook tells; one that is refused through the reply has ended by `onResponse` before.
 */
export function observeUpgrade (request: FastifyRequest, { raw }: FastifyReply, { onEnd, onResponseHead }: UpgradeListeners): void {
  const { socket } = request.raw
  // Its client left during an earlier hook, so its `close` has come already.
  if (socket.destroyed) {
    onEnd(ABORTED)
    return
  }
  let headStatus: number | undefined
  // Whoever accepts or refuses an upgrade writes the answer to the socket, and nothing else says which of the two it was.
  for (const name of ['write', 'end'] as const) {
    const original = socket[name]
    socket[name] = function recordStatus (...args: unknown[]) {
      const status = finalStatus(String(args[0]))
      // What is written to a socket that is over is not sent.
      if (socket.writable) headStatus ??= status
      if (headStatus !== undefined) socket[name] = original as never
      if (status !== undefined) onResponseHead?.(headStatus ?? ABORTED)
      return Reflect.apply(original, socket, args)
    } as never // one function for the overloads of both
  }
  raiseListenerLimit(socket)
  socket.once('close', function countUpgrade () {
    // A response finishes also where the socket was destroyed before, and nothing was written to it.
    if (headStatus === undefined) onEnd(ABORTED)
    else if (!raw.headersSent) onEnd(headStatus)
    else onEnd(raw.writableEnded && raw.writableFinished ? sentStatus(raw) : ABORTED)
  })
}
