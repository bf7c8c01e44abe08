import { once } from 'node:events'
import Fastify from 'fastify'
import type { FastifyReply } from 'fastify'
import { serveParent } from './child.js'
import { setupOf } from './setups.js'

// Holds the requests of one connection until as many have come as their URL says, and reports its CPU time while nobody
// is connected.
const fastify = Fastify()
await setupOf(process.argv[2] ?? '')(fastify)
let held: FastifyReply[] = []

const answerAll = (replies: readonly FastifyReply[]): void => { for (const reply of replies) reply.send('ok') }
const answerFirst = ([first]: readonly FastifyReply[]): void => { first?.send('ok') }

for (const [url, answer] of [['/answered/:count', answerAll], ['/left/:count', answerFirst]] as const) {
  fastify.get<{ Params: { count: string } }>(url, (request, reply) => {
    if (held.push(reply) < Number(request.params.count)) return
    answer(held)
    held = []
  })
}

const connections = new Set<object>()
fastify.server.on('connection', socket => {
  connections.add(socket)
  socket.once('close', () => {
    connections.delete(socket)
    // After the requests of the connection have closed, too.
    if (connections.size === 0) setImmediate(() => fastify.server.emit('idle'))
  })
})
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
serveParent({ origin }, async () => {
  if (connections.size > 0) await once(fastify.server, 'idle')
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system }
}, () => process.exit())
