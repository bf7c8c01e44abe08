import Fastify from 'fastify'
import type { FastifyRequest } from 'fastify'
import { AggregatorRegistry, Counter, Gauge, Pushgateway, Registry } from 'prom-client'
import type { OpenMetricsContentType, PrometheusContentType } from 'prom-client'
import { describe, expect, test } from 'tstyche'
import dynoaiMetrics, { dynoaiMetrics as named } from '../../lib/index.js'
import type { DynoaiMetricsOptions, MetricDefinitions, MetricsRegistry } from '../../lib/index.js'

const fastify = Fastify()
const { register } = fastify

// The types of `@prometheus-io/client`, which needs a newer Node than this package. Its registry accepts only its own
// metrics, and their private members make their type differ from that of prom-client.
declare class SuccessorMetric {
  private readonly store: Map<string, number>
  constructor (configuration: { name: string, help: string })
  get (): Promise<{ name: string, values: object[] }>
  reset (): void
}
declare class SuccessorRegistry {
  private readonly collectors: SuccessorMetric[]
  readonly contentType:
    'text/plain; version=0.0.4; charset=utf-8' | 'application/openmetrics-text; version=1.0.0; charset=utf-8'
  metrics (): Promise<string>
  registerMetric (metric: SuccessorMetric): void
  getMetricsAsArray (): { name: string, help: string }[]
  getMetricsAsArray (aggregator: string): { name: string, help: string }[]
  getSingleMetric (name: string): SuccessorMetric | undefined
  setDefaultLabels (labels: object): void
}

describe('registering', () => {
  test('needs no options', () => {
    expect(register).type.toBeCallableWith(dynoaiMetrics)
    expect(register).type.toBeCallableWith(dynoaiMetrics, {})
    expect(named).type.toBe<typeof dynoaiMetrics>()
  })

  test('accepts every option documented in docs/options.md', () => {
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      enabled: true,
      path: '/internal/metrics',
      metricPrefix: '',
      appInfo: { version: '1.2.3', commit: 'abc' },
      registry: new Registry(),
      defaultLabels: { shop: 'north' },
      runtimeMetrics: {
        gcDurationBuckets: [0.1, 1], eventLoopMonitoringPrecision: 20, labels: { node: '1' }, prefix: 'x_'
      },
      dynoai: false,
      metrics: { ordersTotal: { type: 'counter', help: 'Orders placed' } },
      maxSeries: 10,
      requests: {},
      uploads: false,
      processes: { directory: '/run/api', interval: 500 }
    })
    for (const processes of ['auto', true, false, {}] as const) {
      expect(register).type.toBeCallableWith(dynoaiMetrics, { processes })
    }
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { processes: 'on' })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { processes: { path: '/run/api' } })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { runtimeMetrics: false, requests: false })
  })

  test('accepts the register options of Fastify', () => {
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      prefix: '/internal', logLevel: 'warn', logSerializers: { id: String }
    })
  })

  test('accepts definitions of the type MetricDefinitions, or `as const`', () => {
    const shop = {
      ordersTotal: { type: 'counter', help: 'Orders placed', labels: { status: ['ok', 'failed'] } }
    } as const
    const typed: MetricDefinitions = shop
    expect(register).type.toBeCallableWith(dynoaiMetrics, { metrics: shop })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { metrics: typed })
  })

  test('rejects an unknown option', () => {
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { pth: '/metrics' })
  })

  test('checks the options of the endpoint', () => {
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: '/metrics' })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { endpoint: false })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { endpoint: {} })
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      endpoint: {
        bearerToken: 'x',
        basicAuth: { username: 'u', password: 'p' },
        listen: { host: 'localhost', port: 9464 },
        routeOptions: { onRequest: async () => {}, constraints: { host: 'internal' }, logLevel: 'info' },
        gzip: false,
        maxConcurrentScrapes: 2,
        collectTimeout: 1000
      }
    })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { endpoint: { listen: false } })
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      endpoint: { listen: { port: 9464, https: { key: 'k', cert: ['c'], requestCert: true } } }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: { listen: { port: 9464, https: true } } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, {
      endpoint: { listen: { port: 9464, https: { kye: 'k' } } }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: true })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: { listen: true } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: { basicAuth: { username: 'u' } } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: { routeOptions: { url: '/x' } } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { endpoint: { routeOptions: { bearerToken: 'x' } } })
  })

  test('checks the options of requests and of runtime metrics', () => {
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      requests: {
        buckets: [0.1, 1],
        ignore: ['/health', /^\/x/],
        skip: (request: FastifyRequest) => request.headers['user-agent'] === 'probe',
        groupStatus: true,
        sizes: true,
        labels: { tenant: () => 'a' }
      }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { exemplars: true } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { labels: { tenant: 'a' } } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { labels: { tenant: async () => 'a' } } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { ignore: 5 } })
    expect(register).type.toBeCallableWith(dynoaiMetrics, {
      requests: { ignore: (path: string, method: string) => `${method} ${path}` === 'HEAD /' }
    })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { requests: { ignore: () => true } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, {
      requests: { ignore: (path: string, method: string) => `${method} ${path}` }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, {
      requests: { ignore: (path: string, method: string, host: string) => path === method + host }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { skip: true } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: { skip: async () => true } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, {
      requests: { skip: (request: { readonly agent: string }) => request.agent === 'probe' }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { runtimeMetrics: { register: new Registry() } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { runtimeMetrics: { timeout: 5000 } })
  })

  test('rejects a value of the wrong type', () => {
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { enabled: 'true' })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { path: null })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { path: false })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { metricPrefix: null })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { appInfo: { version: 1 } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { appInfo: '1.2.3' })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { registry: {} })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { registry: Registry })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { registry: new Map() })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { defaultLabels: { shop: 5 } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { runtimeMetrics: 'yes' })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { dynoai: 0 })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { metrics: [{ type: 'counter', help: 'Orders placed' }] })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { metrics: { ordersTotal: 'counter' } })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, {
      metrics: { ordersTotal: new Counter({ name: 'a', help: 'a' }) }
    })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { maxSeries: '2000' })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { requests: true })
    expect(register).type.not.toBeCallableWith(dynoaiMetrics, { uploads: 'no' })
  })

  test('has readonly options', () => {
    expect<DynoaiMetricsOptions>().type.toBe<Readonly<DynoaiMetricsOptions>>()
  })
})

describe('the registry', () => {
  test('may be a registry of prom-client, of any content type', () => {
    expect(register).type.toBeCallableWith(dynoaiMetrics, { registry: new Registry<PrometheusContentType>() })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { registry: new Registry<OpenMetricsContentType>() })
    expect(register).type.toBeCallableWith(dynoaiMetrics, { registry: new AggregatorRegistry() })
  })

  test('may be a registry of `@prometheus-io/client`', () => {
    expect<SuccessorRegistry>().type.not.toBeAssignableTo<Registry>()
    expect<SuccessorRegistry>().type.toBeAssignableTo<MetricsRegistry>()
    expect(register).type.toBeCallableWith(dynoaiMetrics, { registry: new SuccessorRegistry() })
  })

  test('must have every method that the plugin calls', () => {
    expect<Omit<Registry, 'metrics'>>().type.not.toBeAssignableTo<MetricsRegistry>()
    expect<Omit<Registry, 'registerMetric'>>().type.not.toBeAssignableTo<MetricsRegistry>()
    expect<Omit<Registry, 'getSingleMetric'>>().type.not.toBeAssignableTo<MetricsRegistry>()
    expect<Omit<Registry, 'getMetricsAsArray'>>().type.not.toBeAssignableTo<MetricsRegistry>()
    expect<Omit<Registry, 'setDefaultLabels'>>().type.not.toBeAssignableTo<MetricsRegistry>()
  })

  test('has the type of prom-client on `fastify.metrics`, so the tools of prom-client accept it', () => {
    expect(fastify.metrics.registry).type.toBe<Registry>()
    expect(Pushgateway).type.toBeConstructableWith('http://127.0.0.1:9091', {}, fastify.metrics.registry)
    expect(Gauge).type.toBeConstructableWith({ name: 'a', help: 'a', registers: [fastify.metrics.registry] })
    expect(Registry.merge).type.toBeCallableWith([fastify.metrics.registry, new Registry()])
    expect(new Pushgateway('http://127.0.0.1:9091', {}, fastify.metrics.registry)).type
      .toBe<Pushgateway<PrometheusContentType>>()
  })
})
