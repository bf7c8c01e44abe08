import type { FastifyReply, FastifyRequest } from 'fastify'
import { isFinished } from '../http/connection.js'
import { ABORTED } from '../http/status.js'

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/

/**
 * Tells the status of an upgrade once its socket has closed. Of one that is accepted, or refused on the socket itself,
 * no hook tells; one that is refused through the reply has ended by `onResponse` before.
 */
export function followUpgrade (request: FastifyRequest, reply: FastifyReply, onEnd: (status: number) => void): void {
  const { socket } = request.raw
  // Its client left during an earlier hook, so its `close` has come already.
  if (socket.destroyed) {
    onEnd(ABORTED)
    return
  }
  let answer: number | undefined
  // Whoever accepts or refuses an upgrade writes the answer to the socket, and nothing else says which of the two it was.
  for (const name of ['write', 'end'] as const) {
    const original = socket[name]
    socket[name] = function noteAnswer (...args: unknown[]) {
      socket[name] = original as never
      answer ??= Number(STATUS_LINE.exec(String(args[0]))?.[1] ?? ABORTED)
      return Reflect.apply(original, socket, args)
    } as never // one function for the overloads of both
  }
  socket.once('close', function countUpgrade () {
    const response = isFinished(reply.raw) ? reply.statusCode : ABORTED
    onEnd(reply.raw.headersSent ? response : answer ?? ABORTED)
  })
}
