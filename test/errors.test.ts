import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { errors } from '../lib/errors.js'
import { dynoaiMetrics } from '../lib/plugin.js'
import { openPrivateDirectory } from '../lib/processes/private-directory.js'
import type { DynoaiMetricsOptions } from '../lib/types/index.js'
import { createFastify, createMeasuredFastify } from './fixtures/app.js'
import { createCapturingLogger } from './fixtures/logger.js'
import { registerMetric } from './fixtures/register-metric.js'

const register = (fastify: FastifyInstance, options: object = {}) =>
  fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options } as DynoaiMetricsOptions)

type Raise = (fastify: FastifyInstance) => unknown

const raised: Record<keyof typeof errors, Raise> = {
  ERR_OPTION: fastify => register(fastify, { path: 'metrics' }),
  ERR_UNKNOWN_OPTION: fastify => register(fastify, { paths: '/metrics' }),
  ERR_ENV: async fastify => {
    process.env['METRICS_ENABLED'] = 'ture'
    try {
      await register(fastify)
    } finally {
      delete process.env['METRICS_ENABLED']
    }
  },
  ERR_DEFINITION: fastify => register(fastify, { metrics: { orders: { type: 'counter', help: 'Orders' } } }),
  ERR_NAME_TAKEN: fastify => register(fastify, { metrics: { appInfo: { type: 'gauge', help: 'Taken' } } }),
  ERR_LABEL_TAKEN: fastify => register(fastify, { defaultLabels: { method: 'x' } }),
  ERR_PATH_TAKEN: async fastify => {
    fastify.get('/metrics', async () => 'mine')
    await register(fastify)
  },
  ERR_REGISTERED: async fastify => {
    await register(fastify)
    await register(fastify, { prefix: '/again' })
  },
  ERR_DECORATOR: async fastify => {
    fastify.decorate('metrics', 'theirs' as unknown as FastifyInstance['metrics'])
    await register(fastify)
  },
  ERR_ROUTE_CONFIG: async fastify => {
    await register(fastify)
    fastify.get('/x', { config: { metrics: 'off' as unknown as false } }, async () => '')
  },
  ERR_REGISTRY: async () => {
    throw await loggedError(async fastify => {
      fastify.metrics.registry.getMetricsAsArray = () => null as never
      await fastify.inject('/metrics')
    })
  },
  ERR_DIRECTORY: async () => { openPrivateDirectory(t.testdir({ file: '' }) + '/file') },
  ERR_CALL: async () => { throw await loggedError(({ metrics }) => { metrics.analysisTotal.inc(-1) }) },
  ERR_LABEL: async () => {
    throw await loggedError(async fastify => { await fastify.inject('/metrics-of-none') }, {
      requests: { labels: { tenant: () => undefined } }
    })
  },
  ERR_COLLECT: async () => {
    throw await loggedError(async fastify => {
      registerMetric(fastify.metrics.registry, { name: 'odd', get: async () => 'nothing', reset () {} })
      await fastify.inject('/metrics')
    })
  }
}

/** The error that the plugin logs instead of throwing it. */
async function loggedError (raise: Raise, options: DynoaiMetricsOptions = {}): Promise<unknown> {
  const { logger, lines } = createCapturingLogger()
  await raise(await createMeasuredFastify(t, options, { logger }))
  return lines[0]?.['err']
}

for (const [key, raise] of Object.entries(raised)) {
  t.test(`raises ${key}, which shows the received value`, async t => {
    await t.rejects(async () => await raise(createFastify(t)), {
      code: `DYNOAI_METRICS_${key}`,
      message: /Received: [^'].*$/
    })
  })
}

t.test('every error code has a case in this test', async t => {
  t.strictSame(Object.keys(raised).sort(), Object.keys(errors).sort())
})
