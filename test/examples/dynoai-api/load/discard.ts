// A service that receives uploads like the example and throws them away, to compare with.
import { finished } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import dynoaiMetrics from 'dynoai-metrics'
import { HealthChecks } from '../../../../examples/dynoai-api/health/health-checks.js'
import { healthPlugin } from '../../../../examples/dynoai-api/health/plugin.js'

const app = Fastify()
await app.register(dynoaiMetrics)
await app.register(multipart, { limits: { fileSize: 50 * 1024 ** 2, files: 1 } })
await app.register(healthPlugin, { checks: new HealthChecks(), version: '0.0.0' })
app.post('/api/analyze', async (request, reply) => {
  const part = await request.file()
  // The cheapest way, so that the comparison favours this service.
  if (part !== undefined) await finished(part.file.resume())
  return reply.code(202).send({})
})
console.log(`The service listens at ${await app.listen({ host: '127.0.0.1', port: 0 })}, and discards uploads`)
