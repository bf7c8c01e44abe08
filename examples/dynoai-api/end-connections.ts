import type { FastifyInstance } from 'fastify'

/** Supervisors of processes wait 10 s or longer before they kill one. */
const DEFAULT_LIMIT_MS = 8000

/**
 * Lets the service stop although clients keep their connections open: a response that is sent while it closes ends its
 * connection, and after a time limit all connections end, such as those of slow uploads.
 */
export function endConnections (app: FastifyInstance, limitMs = DEFAULT_LIMIT_MS): void {
  let isClosing = false
  app.addHook('preClose', async function beginToClose () {
    isClosing = true
    setTimeout(() => app.server.closeAllConnections(), limitMs).unref()
  })
  app.addHook('onSend', async function endConnection (_request, reply) {
    // Otherwise the connection stays open until its keep-alive time-out, more than a minute.
    if (isClosing) reply.header('connection', 'close')
  })
}
