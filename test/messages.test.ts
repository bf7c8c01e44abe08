import { env } from 'node:process'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { dynoaiMetrics } from '../lib/plugin.js'
import type { DynoaiMetricsOptions } from '../lib/types/index.js'
import { createFastify, createMeasuredFastify } from './fixtures/app.js'
import { registerMetric } from './fixtures/register-metric.js'
import { readRequestCounts } from './fixtures/request-counts.js'
import { createCapturingLogger } from './fixtures/logger.js'
import { readSamples } from './fixtures/samples.js'

const TOKEN = 'a string of visible ASCII characters without a space'
const PORT = 'a whole number from 0 to 65535'
const COUNT = 'a whole number of at least 1'
const TEMPLATE = "a template that begins with '/' or '*', '__unmatched__', a pattern, an array of these, or a function"
const ENDPOINT = "false or an object; its URL path is the option 'path', its port 'endpoint.listen.port'"

/** The message of the error that registering with these options throws. */
async function messageOf (options: object): Promise<string> {
  const given = { runtimeMetrics: false, ...options } as DynoaiMetricsOptions
  const error = await createFastify(t).register(dynoaiMetrics, given).then(() => undefined, (err: Error) => err)
  return error?.message ?? ''
}

t.test('the message for an invalid value shows the option, the rule and the value', async t => {
  const cases: ReadonlyArray<readonly [options: object, name: string, rule: string, received: string]> = [
    [{ endpoint: { listen: { port: '9464' } } }, 'endpoint.listen.port', PORT, 'the string "9464"'],
    [{ endpoint: { listen: {} } }, 'endpoint.listen.port', `${PORT}, here or in METRICS_PORT`, 'undefined'],
    [{ maxSeries: '2000' }, 'maxSeries', COUNT, 'the string "2000"'],
    [{ maxSeries: 2000n }, 'maxSeries', COUNT, '2000n'],
    [{ enabled: 'true' }, 'enabled', 'true or false', 'the string "true"'],
    [{ enabled: '' }, 'enabled', 'true or false', 'the string ""'],
    [
      { endpoint: { collectTimeout: '5s' } }, 'endpoint.collectTimeout',
      'a whole number from 1 to 2147483647, in milliseconds', 'the string "5s"'
    ],
    [
      { requests: { buckets: ['0.1', 1] } }, 'requests.buckets',
      'an array of ascending numbers of at least 0, in seconds, not empty', "[ '0.1', 1 ]"
    ],
    [
      { runtimeMetrics: { eventLoopMonitoringPrecision: '10' } }, 'runtimeMetrics.eventLoopMonitoringPrecision',
      `${COUNT}, in milliseconds`, 'the string "10"'
    ],
    [{ endpoint: '/x' }, 'endpoint', ENDPOINT, 'a string of 2 characters, not shown'],
    [{ endpoint: 9464 }, 'endpoint', ENDPOINT, 'a number, not shown'],
    [{ endpoint: [] }, 'endpoint', ENDPOINT, 'an array, not shown'],
    [{ endpoint: null }, 'endpoint', ENDPOINT, 'null'],
    [
      { endpoint: { listen: 9464 } }, 'endpoint.listen',
      "false or an object; its names are 'host', 'port', 'https'", 'a number, not shown'
    ],
    [
      { endpoint: { bearerToken: '' } }, 'endpoint.bearerToken',
      `${TOKEN}; to have none, leave it out`, 'an empty string'
    ],
    [
      { endpoint: { bearerToken: {} } }, 'endpoint.bearerToken',
      `${TOKEN}; to have none, leave it out`, 'an object, not shown'
    ],
    [
      { endpoint: { bearerToken: undefined } }, 'endpoint.bearerToken',
      `${TOKEN}, here or in METRICS_BEARER_TOKEN; to have none, leave it out`, 'undefined'
    ],
    [{ requests: { ignore: 'health' } }, 'requests.ignore', TEMPLATE, 'the string "health"'],
    [{ requests: { ignore: ['health'] } }, 'requests.ignore', TEMPLATE, "[ 'health' ]"],
    [{ requests: { ignore: ['/a', ''] } }, 'requests.ignore', TEMPLATE, "[ '/a', '' ]"],
    [{ requests: { ignore: ['GET /a'] } }, 'requests.ignore', TEMPLATE, "[ 'GET /a' ]"],
    [{ requests: { ignore: '__UNMATCHED__' } }, 'requests.ignore', TEMPLATE, 'the string "__UNMATCHED__"']
  ]
  for (const [options, name, rule, received] of cases) {
    t.equal(await messageOf(options), `The option '${name}' must be ${rule}. Received: ${received}`)
  }
})

t.test('accepts every kind of template to ignore', async t => {
  const fastify = await createMeasuredFastify(t, {
    requests: { ignore: ['*', '/v1', '/v1*', '/:id', '__unmatched__', /health/] }
  })
  fastify.get('*', async () => 'any')
  await fastify.register(async scope => {
    scope.get('/', async () => 'v1')
    scope.get('*', async () => 'any')
  }, { prefix: 'v1' })
  for (const url of ['/a/b', '/v1', '/v1/x']) t.equal((await fastify.inject(url)).statusCode, 200)
  t.strictSame(await readRequestCounts(fastify), {})
})

t.test('the message for an unknown option proposes the known one with its path', async t => {
  const cases: ReadonlyArray<readonly [options: object, message: RegExp]> = [
    [
      { pth: '/x' },
      new RegExp("^The option 'pth' is unknown \\(did you mean 'path'\\?\\), known are enabled, path, .*\\. " +
        'Received: a string of 2 characters, not shown$')
    ],
    [{ Path: '/x' }, /\(did you mean 'path'\?\)/],
    [{ metricsPath: '/x' }, /\(did you mean 'path'\?\)/],
    [
      { buckets: [1] },
      /^The option 'buckets' is unknown \(did you mean 'requests\.buckets'\?\).* Received: an array, not shown$/
    ],
    [{ ignore: '/x' }, /'requests\.ignore'/],
    [{ bearerToken: 's3cret' }, /\(did you mean 'endpoint\.bearerToken'\?\)/],
    [{ token: 's3cret' }, /\(did you mean 'endpoint\.bearerToken'\?\)/],
    [{ password: 's3cret' }, /\(did you mean 'endpoint\.basicAuth\.password'\?\)/],
    [{ port: 9464 }, /\(did you mean 'endpoint\.listen\.port'\?\)/],
    [{ https: { key: 's3cret' } }, /\(did you mean 'endpoint\.listen\.https'\?\).* Received: an object, not shown$/],
    [{ register: new Registry() }, /\(did you mean 'registry'\?\)/],
    [
      { requests: { bucket: [1] } },
      /'requests\.bucket' is unknown \(did you mean 'requests\.buckets'\?\), known are buckets, /
    ],
    [{ requests: { path: '/x' } }, /\(did you mean 'path'\?\)/],
    [{ endpoint: { path: '/x' } }, /\(did you mean 'path'\?\)/],
    [{ endpoint: { host: 'x' } }, /\(did you mean 'endpoint\.listen\.host'\?\)/],
    [{ endpoint: { username: 's3cret' } }, /\(did you mean 'endpoint\.basicAuth\.username'\?\)/],
    [
      { endpoint: { basicAuth: { username: 'u', password: 'p', pasword: 's3cret' } } },
      /\(did you mean 'endpoint\.basicAuth\.password'\?\)/
    ],
    [{ runtimeMetrics: { label: {} } }, /\(did you mean 'runtimeMetrics\.labels'\?\)/],
    [{ colour: 1 }, /^The option 'colour' is unknown, known are /],
    [
      { metrics: { ordersTotal: { type: 'counter', help: 'Orders', label: {} } } },
      new RegExp('accepts only type, help, name, labels, defaults, expireAfter ' +
        "\\(did you mean 'labels'\\?\\)\\. Received: the string \"label\"$")
    ]
  ]
  for (const [options, message] of cases) {
    const actual = await messageOf(options)
    t.match(actual, message)
    t.notMatch(actual, /s3cret/)
  }
  const fastify = await createMeasuredFastify(t)
  t.throws(() => fastify.get('/x', { config: { metrics: { lables: {} } as object } }, async () => ''), {
    message: /\(did you mean 'labels'\?\)\. Received: the string "lables"$/
  })
})

t.test('the message for an environment variable shows its name and the rule', async t => {
  const cases: ReadonlyArray<readonly [name: string, value: string, message: string]> = [
    ['METRICS_ENABLED', 'ture', 'one of true, 1, yes, on, false, 0, no, off, or empty. Received: the string "ture"'],
    [
      'METRICS_PATH', 'metrics',
      "a path that begins with '/' and has no space, '?', '#', ':' or '*'. Received: the string \"metrics\""
    ],
    ['METRICS_PORT', '9464 ', `${PORT}. Received: the string "9464 "`],
    ['METRICS_BEARER_TOKEN', '', `${TOKEN}; to have no token, unset it. Received: an empty string`],
    [
      'METRICS_BEARER_TOKEN', 's3c ret',
      `${TOKEN}; to have no token, unset it. Received: a string of 7 characters, not shown`
    ]
  ]
  for (const [name, value, message] of cases) {
    env[name] = value
    const actual = await messageOf({})
    delete env[name]
    t.equal(actual, `The environment variable '${name}' must be ${message}`)
  }
  env['METRICS_HOST'] = '0.0.0.0'
  t.equal(
    await messageOf({}),
    `The environment variable 'METRICS_PORT' must be ${PORT} if METRICS_HOST is set. Received: undefined`
  )
  delete env['METRICS_HOST']
})

t.test('the message for a conflict shows the conflict and how to resolve it', async t => {
  const registry = new Registry()
  await createMeasuredFastify(t, { registry })
  t.equal(
    await messageOf({ registry }),
    "A metric with the name 'dynoai_app_info' is already in the registry; give the definition another key or 'name', " +
    "or give each instance of the plugin its own 'registry' or 'metricPrefix' ('runtimeMetrics.prefix' for runtime " +
    'metrics). Received: the string "dynoai_app_info"'
  )
  t.equal(
    await messageOf({ metrics: { appInfo: { type: 'gauge', help: 'Mine' } } }),
    "A metric with the name 'dynoai_app_info' is already one of this plugin; " +
    'give the definition another key or \'name\'. Received: the string "dynoai_app_info"'
  )
  t.equal(
    await messageOf({ metrics: { analysisTotal: { type: 'counter', help: 'Mine' } } }),
    "The metric 'analysisTotal' has the property of a DynoAI metric; " +
    'give it another key, or set the option \'dynoai\' to false. Received: the string "analysisTotal"'
  )
  t.equal(
    await messageOf({ defaultLabels: { method: 'x' } }),
    "The default label 'method' must not be a label of a metric, and 'dynoai_request_duration_seconds' has it. " +
    'Received: the string "x"'
  )

  const taken = createFastify(t)
  taken.get('/metrics', async () => 'mine')
  await t.rejects(async () => { await taken.register(dynoaiMetrics, { runtimeMetrics: false }) }, {
    message: 'A route already exists at the path of the endpoint; change the route, ' +
      "or the option 'path' or METRICS_PATH. Received: the string \"/metrics\""
  })
  const decorated = createFastify(t)
  decorated.decorate('metrics', { token: 's3cret' } as unknown as FastifyInstance['metrics'])
  await t.rejects(async () => { await decorated.register(dynoaiMetrics) }, {
    message: "The instance already has a decorator 'metrics' that is not of dynoai-metrics; " +
      'only one of the two plugins can be registered. Received: an object, not shown'
  })
  const twice = await createMeasuredFastify(t)
  await t.rejects(async () => { await twice.register(dynoaiMetrics, { prefix: '/again' }) }, {
    message: 'dynoai-metrics already measures this instance or one above it; register it once, on the outermost. ' +
      'Received: a second registration with the prefix: the string "/again"'
  })
})

t.test('a log line shows the failure and its consequence', async t => {
  const metric = 'dynoai_request_duration_seconds'
  const failing = { tenant: () => { throw new Error('boom') }, team: () => undefined, shop: () => 'a' }
  interface Case {
    readonly name: string
    readonly options?: DynoaiMetricsOptions
    readonly before?: (fastify: FastifyInstance) => void
    readonly act: (fastify: FastifyInstance) => unknown
    readonly logged: readonly object[]
  }
  const cases: readonly Case[] = [
    {
      name: 'each label function, once',
      options: { requests: { labels: failing } },
      act: async fastify => { for (let i = 0; i < 2; i++) await fastify.inject('/x') },
      logged: [
        {
          metric,
          msg: "the label 'tenant' of a request failed, and the request was counted with '' for it; " +
            'more of these are only counted',
          err: { message: 'boom' }
        },
        {
          metric,
          msg: "the label 'team' of a request failed, and the request was counted with '' for it; " +
            'more of these are only counted',
          err: {
            message: "The function of the label 'team' must return a string, a number or a boolean. Received: undefined"
          }
        }
      ]
    },
    {
      name: 'a function for requests.ignore',
      options: { requests: { ignore: () => 'yes' as unknown as boolean } },
      act: async fastify => { for (let i = 0; i < 2; i++) await fastify.inject('/x') },
      logged: [{
        metric,
        msg: "the option 'requests.ignore' failed for 'GET /x', and its requests are counted; " +
          'more of these are only counted',
        err: {
          message: "The option 'requests.ignore' must be a function that returns true or false. " +
            'Received: the string "yes"'
        }
      }]
    },
    {
      name: 'the config of a route that was added before the plugin',
      before: fastify => {
        fastify.get('/before', { config: { metrics: 'off' as unknown as false } }, async () => 'ok')
      },
      act: async fastify => { await fastify.inject('/before') },
      logged: [{
        metric,
        msg: "'config.metrics' of the route '/before' is wrong, and its requests are counted without it; " +
          'more of these are only counted',
        err: {
          message: "'config.metrics' of the route '/before' must be false or an object. Received: the string \"off\""
        }
      }]
    },
    {
      name: 'a call of a metric',
      act: ({ metrics }) => {
        metrics.activeSessions.set('5' as unknown as number)
        metrics.analysisTotal.inc({ stats: 'success' } as object)
        metrics.veCorrectionsCount.observe({ stats: 'success' } as never, 1)
      },
      logged: [
        {
          metric: 'dynoai_active_sessions',
          msg: 'a metric was not recorded; more of these are only counted',
          err: { message: /must be a finite number\. Received: the string "5"$/ }
        },
        {
          metric: 'dynoai_analysis_total',
          err: { message: /it has no label 'stats', only status, source\. Received: / }
        },
        {
          metric: 'dynoai_ve_corrections_count',
          err: { message: /it has no label 'stats', and no other\. Received: / }
        }
      ]
    },
    {
      name: 'the collect function of a gauge',
      options: {
        metrics: { queueLength: { type: 'gauge', help: 'Waiting', collect: () => '7' as unknown as number } }
      },
      act: async fastify => { await fastify.inject('/metrics') },
      logged: [{
        metric: 'dynoai_queue_length',
        msg: 'a scrape left out something that failed; more of these are only counted',
        err: {
          message: "A scrape left out 'dynoai_queue_length', its collect function must return a finite number. " +
            'Received: the string "7"'
        }
      }]
    },
    {
      name: 'a metric of the registry',
      act: async fastify => {
        registerMetric(fastify.metrics.registry, { name: 'odd', get: async () => 'nothing', reset () {} })
        await fastify.inject('/metrics')
      },
      logged: [{
        metric: 'odd',
        msg: 'a scrape left out something that failed; more of these are only counted',
        err: { message: "A scrape left out 'odd', its get() must return an object. Received: the string \"nothing\"" }
      }]
    },
    {
      name: 'too many series',
      options: {
        maxSeries: 7,
        dynoai: false,
        metrics: { visits: { type: 'gauge', help: 'Visits', labels: { id: [] } } }
      },
      act: ({ metrics }) => {
        const { visits } = metrics as unknown as Record<string, { inc (labels: object): void }>
        for (let id = 0; id < 9; id++) visits?.inc({ id })
      },
      logged: [{
        metric: 'dynoai_visits',
        msg: "a metric has too many series (option 'maxSeries'); the labels of such values are '__overflow__', " +
          'and more of them are only counted'
      }]
    }
  ]
  for (const { name, options, before, act, logged } of cases) {
    await t.test(name, async t => {
      const { logger, lines } = createCapturingLogger()
      const fastify = createFastify(t, { logger })
      before?.(fastify)
      await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
      fastify.get('/x', async () => 'ok')
      await act(fastify)
      t.match(lines, logged.map(line => ({ level: 40, ...line })))
      t.equal(lines.length, logged.length)
    })
  }
})

t.test('a failing function for requests.ignore does not affect the config of a route', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { ignore: () => { throw new Error('boom') } } })
  fastify.get('/x', { config: { metrics: { path: 'mine', analysis: {} } } }, async () => 'ok')
  await fastify.inject('/x')
  t.strictSame(await readRequestCounts(fastify), { 'GET mine 200': 1 })
  t.match(await readSamples(fastify.metrics.registry), { 'dynoai_analysis_total{status="success",source="upload"}': 1 })
})
