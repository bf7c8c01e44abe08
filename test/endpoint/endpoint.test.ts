import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { Registry } from 'prom-client'
import { Endpoint } from '../../lib/endpoint/endpoint.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import { resolveOptions } from '../../lib/options/options.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'

function createEndpoint (fastify: FastifyInstance, options: DynoaiMetricsOptions = {}): Endpoint {
  const exposition = new Exposition({ registry: new Registry(), collectTimeout: 1000, onError () {} })
  const resolved = resolveOptions(options)
  if (resolved.endpoint === false) throw new Error('it is off')
  const endpoint = new Endpoint({ fastify, exposition, options: resolved, endpoint: resolved.endpoint })
  endpoint.serve({ hasRequestHooks: false })
  return endpoint
}

t.test('says where it answers: on the listener of the application', async t => {
  for (const [host, pattern] of [['127.0.0.1', /^127\.0\.0\.1:\d+$/], ['::1', /^\[::1\]:\d+$/]] as const) {
    const fastify = Fastify()
    t.teardown(() => fastify.close())
    const endpoint = createEndpoint(fastify)
    t.equal(endpoint.answersAt, null)
    try {
      await fastify.listen({ host, port: 0 })
    } catch (err) {
      t.match(err, { code: /EADDRNOTAVAIL|EAFNOSUPPORT/ }, 'a machine without IPv6')
      continue
    }
    t.match(endpoint.answersAt, pattern)
    await fastify.close()
    t.equal(endpoint.answersAt, null)
  }
})

t.test('says where it answers: on the socket of the application', { skip: process.platform === 'win32' }, async t => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const endpoint = createEndpoint(fastify)
  const path = join(tmpdir(), `endpoint-${process.pid}.socket`) // a longer path would be cut off
  await fastify.listen({ path })
  t.equal(endpoint.answersAt, path)
})

t.test('says where it answers: on its own listener', async t => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const endpoint = createEndpoint(fastify, { endpoint: { listen: { host: '127.0.0.1', port: 0 } } })
  await fastify.listen({ host: '127.0.0.1', port: 0 })
  t.equal(endpoint.answersAt, `127.0.0.1:${endpoint.address?.port}`)
})
