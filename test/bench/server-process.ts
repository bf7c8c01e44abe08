import Fastify from 'fastify'
import { serveParent } from './child.js'
import { setupOf } from './setups.js'

// The server under load: serves a small route with one setup, and reports its CPU time. Argument: setup.
const fastify = Fastify()
await setupOf(process.argv[2] ?? '')(fastify)
fastify.get('/api/status/:runId', async () => ({ status: 'completed' }))
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
serveParent({ origin }, () => ({ cpuMicroseconds: cpuMicroseconds() }), () => process.exit())
