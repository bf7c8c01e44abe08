import { once } from 'node:events'
import Fastify from 'fastify'
import type { FastifyReply } from 'fastify'
import { serveParent } from './child.js'
import { setupOf } from './setups.js'

// Collects the requests of one connection until the number in their URL has arrived, then responds. It reports its CPU
// time when no client is connected. Argument: setup.
const fastify = Fastify()
await setupOf(process.argv[2] ?? '')(fastify)
let pending: FastifyReply[] = []

const respondToAll = (replies: readonly FastifyReply[]): void => { for (const reply of replies) reply.send('ok') }
const respondToFirst = ([first]: readonly FastifyReply[]): void => { first?.send('ok') }

for (const [url, respond] of [['/complete/:count', respondToAll], ['/drop/:count', respondToFirst]] as const) {
  fastify.get<{ Params: { count: string } }>(url, (request, reply) => {
    if (pending.push(reply) < Number(request.params.count)) return
    respond(pending)
    pending = []
  })
}

const connections = new Set<object>()
fastify.server.on('connection', socket => {
  connections.add(socket)
  socket.once('close', () => {
    connections.delete(socket)
    // `setImmediate`: the requests of the connection have closed by then.
    if (connections.size === 0) setImmediate(() => fastify.server.emit('idle'))
  })
})
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
serveParent({ origin }, async () => {
  if (connections.size > 0) await once(fastify.server, 'idle')
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system }
}, () => process.exit())
