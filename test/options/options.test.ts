import t from 'tap'
import type { Test } from 'tap'
import { Registry } from 'prom-client'
import { DURATION_BUCKETS } from '../../lib/series/buckets.js'
import { resolveOptions } from '../../lib/options/options.js'
import type { DynoaiMetricsOptions, EndpointRouteOptions } from '../../lib/types/index.js'
import { version } from '../../lib/registry/version.js'

const VARIABLES = [
  'METRICS_ENABLED', 'METRICS_PATH', 'METRICS_BEARER_TOKEN', 'METRICS_HOST', 'METRICS_PORT', 'METRICS_PROCESSES',
  'npm_package_version', 'namespace', 'name', 'pm_exec_path'
]

// JavaScript can pass this value, which `exactOptionalPropertyTypes` forbids.
const WITHOUT_TOKEN = { endpoint: { bearerToken: undefined } } as object as DynoaiMetricsOptions

const ENDPOINT = {
  bearerToken: undefined,
  basicAuth: undefined,
  listen: null,
  routeOptions: {},
  gzip: true,
  maxConcurrentScrapes: 10,
  collectTimeout: 5000
}

const PROCESSES = {
  option: 'auto', interval: 1000, pm2: { namespace: undefined, name: undefined, pm_exec_path: undefined }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The options with this value at this path, as `endpoint.listen`. */
const optionsWith = (path: string, value: unknown): object =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object

/** A test that runs without the variables that this plugin reads, and restores them afterwards. */
function test (name: string, check: (t: Test) => Promise<void>): void {
  t.test(name, async t => {
    const before = VARIABLES.map(name => [name, process.env[name]] as const)
    for (const name of VARIABLES) delete process.env[name]
    t.teardown(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    })
    await check(t)
  })
}

test('fills in every default', async t => {
  t.strictSame(resolveOptions({}), {
    enabled: true,
    url: '/metrics',
    namePrefix: 'dynoai_',
    appInfo: { version },
    registry: undefined,
    defaultLabels: {},
    runtimeMetrics: {},
    dynoai: true,
    metrics: {},
    maxSeries: 2000,
    requests: {
      enabled: true, buckets: DURATION_BUCKETS, labels: {}, ignore: [], skip: null, groupStatus: false, sizes: false
    },
    uploads: true,
    endpoint: ENDPOINT,
    processes: PROCESSES,
    logLevel: undefined,
    logSerializers: undefined
  })
})

test('accepts every option', async t => {
  const registry = new Registry()
  const metrics = { ordersTotal: { type: 'counter', help: 'Orders' } } as const
  const serializers = { req: () => 'r' }
  const endpoint = {
    bearerToken: 't',
    basicAuth: { username: 'u', password: 'p' },
    listen: { host: 'h', port: 1 },
    routeOptions: { logLevel: 'info' },
    gzip: false,
    maxConcurrentScrapes: 1,
    collectTimeout: 1
  } as const
  const requests = {
    buckets: [0, 1],
    labels: { tenant: () => 'a' },
    ignore: ['/a', /^\/b/],
    skip: () => false,
    groupStatus: true,
    sizes: true
  }
  const unchanged = {
    enabled: false,
    appInfo: { version: '1.2.3', region: 'eu' },
    registry,
    defaultLabels: { pod: 'a' },
    runtimeMetrics: { eventLoopMonitoringPrecision: 20, prefix: 'x_', labels: { a: 'b' }, gcDurationBuckets: [0.1, 1] },
    dynoai: false,
    metrics,
    maxSeries: 1,
    uploads: false,
    endpoint,
    logLevel: 'silent' as const,
    logSerializers: serializers
  }
  const processes = { directory: '/run/shop', interval: 100 }
  const changed = { path: '/stats', metricPrefix: 'shop', requests, prefix: '/internal', processes }
  t.strictSame(resolveOptions({ ...unchanged, ...changed }), {
    ...unchanged,
    url: '/internal/stats',
    namePrefix: 'shop_',
    requests: { enabled: true, ...requests },
    processes: { ...PROCESSES, option: { directory: '/run/shop' }, interval: 100 }
  })
  t.equal(resolveOptions({ metricPrefix: '' }).namePrefix, '')
  t.equal(resolveOptions({ prefix: '/v1/' }).url, '/v1/metrics')
  t.equal(resolveOptions({ prefix: '' }).url, '/metrics')
  t.equal(resolveOptions({ runtimeMetrics: false }).runtimeMetrics, false)
  t.strictSame(resolveOptions({ runtimeMetrics: true }).runtimeMetrics, {})
  t.match(resolveOptions({ requests: {} }).requests, { enabled: true, sizes: false })
  t.match(resolveOptions({ requests: false }).requests, { enabled: false })
  t.equal(resolveOptions({ endpoint: false }).endpoint, false)
  t.strictSame(resolveOptions({ endpoint: { listen: false } }).endpoint, ENDPOINT)
  t.match(resolveOptions({ endpoint: { listen: { port: 0 } } }).endpoint, { listen: { host: 'localhost', port: 0 } })
  t.strictSame(resolveOptions({ processes: { interval: 500 } }).processes, { ...PROCESSES, interval: 500 })
  for (const option of ['auto', true, false] as const) {
    t.strictSame(resolveOptions({ processes: option }).processes, { ...PROCESSES, option })
  }
  const ignore = (path: string): boolean => path === '/a'
  t.equal(resolveOptions({ requests: { ignore } }).requests.ignore, ignore)
  t.equal(resolveOptions({ requests: { ignore: '/a' } }).requests.ignore, '/a')
})

test('returns frozen options and does not change the given ones', async t => {
  const given = Object.freeze({
    requests: Object.freeze({ ignore: Object.freeze(['/a']), buckets: Object.freeze([1]) }),
    appInfo: Object.freeze({ region: 'eu' }),
    runtimeMetrics: Object.freeze({ prefix: 'x_' }),
    endpoint: Object.freeze({
      basicAuth: Object.freeze({ username: 'u', password: 'p' }),
      listen: Object.freeze({ port: 1 }),
      routeOptions: Object.freeze({})
    }),
    processes: Object.freeze({ directory: '/run/shop' })
  })
  const resolved = resolveOptions(given)
  const { appInfo, defaultLabels, runtimeMetrics, metrics, requests, processes } = resolved
  const endpoint = resolved.endpoint || undefined
  const values = [
    resolved, appInfo, defaultLabels, runtimeMetrics, metrics,
    requests, requests.ignore, requests.buckets, requests.labels,
    processes, processes.option, processes.pm2, endpoint, endpoint?.basicAuth, endpoint?.listen, endpoint?.routeOptions
  ]
  for (const value of values) t.ok(Object.isFrozen(value))
})

test('uses the default of an option that is undefined', async t => {
  const options = { enabled: undefined, path: undefined, maxSeries: undefined } as unknown as DynoaiMetricsOptions
  t.strictSame(resolveOptions(options), resolveOptions({}))
})

test('rejects an invalid value, and shows the option and the value', async t => {
  const methods = ['metrics', 'getMetricsAsArray', 'getSingleMetric', 'registerMetric', 'setDefaultLabels']
  const cases: ReadonlyArray<readonly [name: string, value: unknown, received: string]> = [
    ['enabled', 'true', 'the string "true"'],
    ['enabled', 1, '1'],
    ['enabled', null, 'null'],
    ['path', 'metrics', 'the string "metrics"'],
    ['path', '/a b', 'the string "/a b"'],
    ['path', '/a?b', 'the string "/a?b"'],
    ['path', '/:id', 'the string "/:id"'],
    ['path', '/*', 'the string "/*"'],
    ['path', '', 'the string ""'],
    ['path', 5, '5'],
    ['metricPrefix', 'dynoai_', 'the string "dynoai_"'],
    ['metricPrefix', '9lives', 'the string "9lives"'],
    ['metricPrefix', 'a-b', 'the string "a-b"'],
    ['metricPrefix', null, 'null'],
    ['appInfo', { version: 3 }, '{ version: 3 }'],
    ['appInfo', { 'a-b': 'x' }, "{ 'a-b': 'x' }"],
    ['appInfo', ['x'], "[ 'x' ]"],
    ['registry', {}, '{}'],
    ['registry', 'global', 'the string "global"'],
    ['registry', Object.fromEntries(methods.map(name => [name, () => {}])), '{'],
    ['defaultLabels', { le: '1' }, "{ le: '1' }"],
    ['defaultLabels', { __name__: 'x' }, "{ __name__: 'x' }"],
    ['defaultLabels', null, 'null'],
    ['runtimeMetrics', 'no', 'the string "no"'],
    ['runtimeMetrics', [], '[]'],
    ['dynoai', 0, '0'],
    ['metrics', [], '[]'],
    ['metrics', 'x', 'the string "x"'],
    ['maxSeries', 0, '0'],
    ['maxSeries', 1.5, '1.5'],
    ['maxSeries', Infinity, 'Infinity'],
    ['maxSeries', '10', 'the string "10"'],
    ['requests', true, 'true'],
    ['requests', 'off', 'the string "off"'],
    ['uploads', {}, '{}'],
    ['endpoint', true, 'a boolean, not shown'],
    ['endpoint', '/metrics', 'a string of 8 characters, not shown'],
    ['processes', 'on', 'the string "on"'],
    ['processes', 3, '3'],
    ['processes', null, 'null'],
    ['processes', [], '[]'],
    ['prefix', 3, '3'],
    ['prefix', 'v1', 'the string "v1"'],
    ['prefix', '/a b', 'the string "/a b"'],
    ['logLevel', 3, '3'],
    ['logSerializers', 'x', 'the string "x"']
  ]
  for (const [name, value, received] of cases) {
    t.throws(() => resolveOptions({ [name]: value }), {
      code: 'DYNOAI_METRICS_ERR_OPTION',
      message: new RegExp(`^The option '${name}' must be .*Received: ${escaped(received)}`)
    }, `${name}: ${received}`)
  }
})

test('rejects invalid options of the requests, of the runtime metrics and of the endpoint', async t => {
  const label = (): string => 'x'
  const cases: ReadonlyArray<readonly [option: string, values: readonly unknown[]]> = [
    ['requests.buckets', [[], [2, 1], [-1], [NaN], 5, null]],
    ['requests.labels', [
      [], { tenant: 'x' }, { le: label }, { method: label }, { path: label }, { status: label }, { 'a-b': label }
    ]],
    ['requests.ignore', [5, [5], [['/a']], null, { path: '/a' }]],
    ['requests.skip', [true, null, 'probe', /probe/]],
    ['requests.groupStatus', ['yes']],
    ['requests.sizes', [1]],
    ['runtimeMetrics.prefix', [1]],
    ['runtimeMetrics.labels', [{ le: 'x' }]],
    ['runtimeMetrics.gcDurationBuckets', [[2, 1], ['1'], [], 1]],
    ['runtimeMetrics.eventLoopMonitoringPrecision', [0, '10']],
    ['endpoint.bearerToken', ['', 'a b', 'a\n', 'é', 5, null]],
    ['endpoint.basicAuth', ['user:s3cret', true]],
    ['endpoint.listen', [true, 9464]],
    ['endpoint.routeOptions', ['x', { url: '/x' }, { method: 'GET' }, { handler: () => {} }, { onSend: () => {} }]],
    ['endpoint.gzip', [1]],
    ['endpoint.maxConcurrentScrapes', [0, 1.5, Infinity]],
    ['endpoint.collectTimeout', [0, '5s', 2 ** 31]],
    ['processes.directory', ['', 5, null]],
    ['processes.interval', [99, 100.5, '1s', 2 ** 31, NaN]]
  ]
  for (const [option, values] of cases) {
    for (const value of values) {
      t.throws(() => resolveOptions(optionsWith(option, value)), {
        code: 'DYNOAI_METRICS_ERR_OPTION', message: new RegExp(`'${option}' must be .*Received: `, 's')
      }, `${option}: ${String(value)}`)
    }
  }
})

test('rejects invalid options within an option of the endpoint', async t => {
  const cases: ReadonlyArray<readonly [endpoint: object, name: string]> = [
    [{ basicAuth: {} }, 'basicAuth.username'],
    [{ basicAuth: { username: 'a:b', password: 's3cret' } }, 'basicAuth.username'],
    [{ basicAuth: { username: 'u' } }, 'basicAuth.password'],
    [{ basicAuth: { username: 'u', password: '' } }, 'basicAuth.password'],
    [{ listen: { port: -1 } }, 'listen.port'],
    [{ listen: { port: 65_536 } }, 'listen.port'],
    [{ listen: { port: '80' } }, 'listen.port'],
    [{ listen: { host: '', port: 1 } }, 'listen.host'],
    [{ listen: {} }, 'listen.port'],
    [{ listen: { host: 'localhost' } }, 'listen.port']
  ]
  for (const [endpoint, name] of cases) {
    t.throws(() => resolveOptions({ endpoint }), {
      code: 'DYNOAI_METRICS_ERR_OPTION', message: new RegExp(`'endpoint.${name}' must be`)
    }, name)
  }
})

test('does not show the secret of an invalid option', async t => {
  const endpoints = [
    { basicAuth: 's3cret' }, { bearerToken: 's3c ret' }, { basicAuth: { username: 's3c:ret', password: 's3cret' } },
    { token: 's3cret' }, { basicAuth: { user: 's3cret' } }, 's3cret', { listen: { bearerToken: 's3cret' } },
    { listen: 's3cret' }, { routeOptions: { url: '/x', bearerToken: 's3cret' } }
  ]
  for (const options of [...endpoints.map(endpoint => ({ endpoint })), { bearerToken: 's3cret' }] as object[]) {
    t.throws(() => resolveOptions(options), { message: /^(?!.*s3c).*Received/ })
  }
})

test('rejects unknown options', async t => {
  const cases: ReadonlyArray<readonly [options: object, name: string]> = [
    [{ metricsPath: '/m' }, 'metricsPath'],
    [{ endpoint: { token: 'x' } }, 'endpoint.token'],
    [{ endpoint: { listen: { address: 'x' } } }, 'endpoint.listen.address'],
    [{ endpoint: { basicAuth: { username: 'u', password: 'p', realm: 'r' } } }, 'endpoint.basicAuth.realm'],
    [{ toString: 1 }, 'toString'],
    [{ requests: { bucket: [1] } }, 'requests.bucket'],
    [{ requests: { exemplars: true } }, 'requests.exemplars'],
    [{ runtimeMetrics: { register: {} } }, 'runtimeMetrics.register'],
    [{ processes: { dir: '/run/shop' } }, 'processes.dir']
  ]
  for (const [options, name] of cases) {
    t.throws(() => resolveOptions(options), {
      code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION', message: new RegExp(`'${name}' is unknown.*, known are .*Received: `)
    }, name)
  }
})

test('proposes the right path for a misplaced option, and does not show its value', async t => {
  const endpointOptions = [
    'bearerToken', 'BearerToken', 'bearertoken', 'bearer_token', 'BEARER-TOKEN', 'basicAuth', 'gzip', 'listen',
    'collectTimeout'
  ]
  const otherOptions = [
    'enabled', 'metrics', 'registry', 'endpoint', 'prefix', 'LogLevel', 'requests', 'buckets', 'ignore', 'host',
    'port', 'username', 'password', 'maxSeries'
  ]
  const groups = [
    '', 'requests.', 'runtimeMetrics.', 'endpoint.listen.', 'endpoint.basicAuth.', 'endpoint.routeOptions.'
  ]
  const labels = ['appInfo.', 'defaultLabels.', 'requests.labels.', 'runtimeMetrics.labels.']
  const inEndpoint = /'endpoint\.\w+'/
  const cases: ReadonlyArray<readonly [option: string, proposed: RegExp, value?: unknown]> = [
    ...groups.flatMap(group => endpointOptions.map(name => [`${group}${name}`, inEndpoint] as const)),
    ...otherOptions.map(name => [`endpoint.routeOptions.${name}`, /'[\w.]+'/] as const),
    ...labels.flatMap(group => ['bearerToken', 'BasicAuth'].map(name => [`${group}${name}`, inEndpoint] as const)),
    ['buckets', /'requests\.buckets'/, [1]],
    ['labels', /'requests\.labels' or 'runtimeMetrics\.labels'/, {}],
    ['endpoint.path', /'path'/, '/s3cret']
  ]
  for (const [option, proposed, value = 's3cret'] of cases) {
    t.throws(() => resolveOptions(optionsWith(option, value)), {
      code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION',
      message: new RegExp(
        `^(?!.*s3cret)The option '${option}' is unknown \\(did you mean ${proposed.source}.*Received: .*not shown`
      )
    }, option)
  }
})

test('accepts the route options of Fastify and of its plugins', async t => {
  const routeOptions = {
    logLevel: 'info',
    logSerializers: {},
    constraints: {},
    schema: {},
    config: { bearerToken: 'theirs' },
    bodyLimit: 1,
    onRequest: [],
    preHandler: () => {},
    websocket: true,
    helmet: false,
    compress: false,
    rateLimit: {},
    [Symbol.for('theirs')]: 1
  } as unknown as EndpointRouteOptions
  t.match(resolveOptions({ endpoint: { routeOptions } }).endpoint, { routeOptions })
})

type Properties = Readonly<Record<string, unknown>>

const descriptors = (properties: Properties, describe: (value: unknown) => PropertyDescriptor): PropertyDescriptorMap =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, describe(value)]))

/** Functions that make an object with properties of a kind. */
const KINDS: ReadonlyArray<readonly [kind: string, make: (properties: Properties) => object]> = [
  ['inherited', properties => Object.create(properties)],
  ['inherited over two levels', properties => Object.create(Object.create(properties))],
  ['of a class', properties =>
    Object.create(Object.defineProperties({ constructor () {} }, Object.getOwnPropertyDescriptors(properties)))],
  ['not enumerable', properties => Object.defineProperties({}, descriptors(properties, value => ({ value })))],
  ['getters of a class', properties =>
    Object.create(Object.defineProperties({}, descriptors(properties, value => ({ get: () => value }))))],
  ['without a prototype', properties => Object.assign(Object.create(null), properties)],
  // A module namespace differs from other objects only in its tag.
  ['of a module', properties =>
    Object.assign(Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }), properties)]
]

for (const [kind, make] of KINDS) {
  test(`reads options that are ${kind}`, async t => {
    t.match(resolveOptions(make({ enabled: false, path: '/m', metricPrefix: 'shop' })), {
      enabled: false, url: '/m', namePrefix: 'shop_'
    })
    const onRequest = (): void => {}
    t.match(resolveOptions(make({
      appInfo: make({ region: 'eu' }),
      endpoint: make({
        basicAuth: make({ username: 'u', password: 'p' }),
        listen: make({ host: 'h', port: 1 }),
        routeOptions: make({ onRequest })
      }),
      requests: make({ sizes: true, labels: make({ tenant: () => 'a' }) }),
      runtimeMetrics: make({ labels: make({ a: 'b' }) }),
      processes: make({ interval: 500 })
    })), {
      appInfo: { region: 'eu' },
      endpoint: {
        basicAuth: { username: 'u', password: 'p' }, listen: { host: 'h', port: 1 }, routeOptions: { onRequest }
      },
      requests: { sizes: true, labels: { tenant: Function } },
      runtimeMetrics: { labels: { a: 'b' } },
      processes: { interval: 500 }
    })
    const unknown: readonly object[] = [
      make({ bearerToken: 's' }), { endpoint: make({ token: 's' }) },
      { endpoint: { routeOptions: make({ bearerToken: 's' }) } }, { requests: make({ bucket: 1 }) },
      { endpoint: { listen: make({ address: 's' }) } },
      { endpoint: { basicAuth: make({ username: 'u', password: 'p', realm: 's' }) } }
    ]
    for (const options of unknown) {
      t.throws(() => resolveOptions(options), { code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION' })
    }
    const invalid: readonly object[] = [
      make({ enabled: 'no' }), { appInfo: make({ le: 'x' }) }, { defaultLabels: make({ a: 5 }) },
      { endpoint: make({ bearerToken: undefined }) },
      { endpoint: { routeOptions: make({ handler: () => {} }) } }, { requests: { labels: make({ path: () => 'a' }) } }
    ]
    for (const options of invalid) t.throws(() => resolveOptions(options), { code: 'DYNOAI_METRICS_ERR_OPTION' })
  })
}

test('reads every option once, so it uses the value that it checked', async t => {
  let reads = 0
  const endpoint = { get bearerToken () { return ++reads === 1 ? 'token' : undefined } }
  t.match(resolveOptions({ endpoint } as DynoaiMetricsOptions).endpoint, { bearerToken: 'token' })
  t.equal(reads, 1)
  const buckets = Object.assign([1], { length: 2 })
  t.throws(
    () => resolveOptions({ requests: { buckets } }), { code: 'DYNOAI_METRICS_ERR_OPTION' }, 'an array with a hole'
  )
})

test('accepts fixed labels of at most 256 characters', async t => {
  const optionsOf = (length: number): DynoaiMetricsOptions[] => {
    const labels = { region: 'x'.repeat(length) }
    return [{ appInfo: labels }, { defaultLabels: labels }, { runtimeMetrics: { labels } }]
  }
  for (const options of optionsOf(256)) t.doesNotThrow(() => resolveOptions(options))
  for (const options of optionsOf(257)) {
    t.throws(() => resolveOptions(options), { code: 'DYNOAI_METRICS_ERR_OPTION', message: /at most 256 characters/ })
  }
})

test('ignores properties of Object.prototype', async t => {
  const prototype = Object.prototype as { enabled?: boolean, listen?: false }
  t.teardown(() => { delete prototype.enabled; delete prototype.listen })
  prototype.enabled = false
  prototype.listen = false
  process.env['METRICS_PORT'] = '9464'
  const { enabled, endpoint } = resolveOptions({ endpoint: {} })
  t.equal(enabled, true)
  t.equal(endpoint && endpoint.listen?.port, 9464)
})

test('reads METRICS_ENABLED', async t => {
  const cases: ReadonlyArray<readonly [value: string, enabled: boolean]> = [
    ['true', true], ['1', true], ['yes', true], ['on', true], ['TRUE', true], [' On\t', true],
    ['false', false], ['0', false], ['no', false], ['off', false], ['False', false], [' OFF ', false],
    ['', true], ['  ', true]
  ]
  for (const [value, enabled] of cases) {
    process.env['METRICS_ENABLED'] = value
    t.equal(resolveOptions({}).enabled, enabled, JSON.stringify(value))
    t.equal(resolveOptions({ enabled: !enabled }).enabled, !enabled, `an option overrides ${JSON.stringify(value)}`)
  }
})

test('reads METRICS_PROCESSES', async t => {
  const cases = [['auto', 'auto'], [' Auto', 'auto'], ['on', true], ['0', false], ['', 'auto']] as const
  for (const [value, option] of cases) {
    process.env['METRICS_PROCESSES'] = value
    t.equal(resolveOptions({}).processes.option, option, JSON.stringify(value))
    t.equal(resolveOptions({ processes: option !== true }).processes.option, option !== true, 'an option overrides it')
  }
})

test('reads what PM2 calls the application', async t => {
  const pm2 = { namespace: 'default', name: 'api', pm_exec_path: '/srv/api.js' }
  Object.assign(process.env, pm2)
  t.strictSame(resolveOptions({}).processes.pm2, pm2)
})

test('rejects an invalid variable, unless an option overrides it', async t => {
  const cases: ReadonlyArray<readonly [name: string, value: string, options: DynoaiMetricsOptions]> = [
    ['METRICS_ENABLED', 'ture', { enabled: true }],
    ['METRICS_ENABLED', '2', { enabled: true }],
    ['METRICS_ENABLED', 'auto', { enabled: true }],
    ['METRICS_PROCESSES', 'all', { processes: 'auto' }],
    ['METRICS_PATH', 'metrics', { path: '/m' }],
    ['METRICS_PATH', '/met rics', { path: '/m' }],
    ['METRICS_PATH', ' ', { path: '/m' }]
  ]
  for (const [name, value, options] of cases) {
    process.env[name] = value
    t.throws(() => resolveOptions({}), {
      code: 'DYNOAI_METRICS_ERR_ENV',
      message: new RegExp(`'${name}' must be .*Received: the string ${JSON.stringify(value)}$`)
    }, `${name}=${value}`)
    t.doesNotThrow(() => resolveOptions(options), `${name}=${value} with an option`)
    delete process.env[name]
  }
})

test('reads METRICS_BEARER_TOKEN, and rejects an empty value', async t => {
  const basicAuth = { username: 'u', password: 'p' }
  process.env['METRICS_BEARER_TOKEN'] = 's3cret'
  t.match(resolveOptions({}).endpoint, { bearerToken: 's3cret' })
  t.match(resolveOptions({ endpoint: { bearerToken: 'mine' } }).endpoint, { bearerToken: 'mine' })
  t.match(resolveOptions({ endpoint: { basicAuth } }).endpoint, { bearerToken: 's3cret' }, 'with a password')
  for (const token of ['', ' ', 's3cret\n']) {
    process.env['METRICS_BEARER_TOKEN'] = token
    const received = /(?:a string of \d+ characters?, not shown|an empty string)/.source
    const message = new RegExp(
      `'METRICS_BEARER_TOKEN' must be (?!.*s3cret).*to have no token, unset it. Received: ${received}$`
    )
    const error = { code: 'DYNOAI_METRICS_ERR_ENV', message }
    t.throws(() => resolveOptions({}), error, JSON.stringify(token))
    t.throws(() => resolveOptions({ endpoint: { basicAuth } }), error)
    t.match(resolveOptions({ endpoint: { bearerToken: 'mine' } }).endpoint, { bearerToken: 'mine' })
    t.equal(resolveOptions({ endpoint: false }).endpoint, false)
  }
})

test('rejects a token that is undefined, which would leave the endpoint open', async t => {
  t.throws(() => resolveOptions(WITHOUT_TOKEN), {
    code: 'DYNOAI_METRICS_ERR_OPTION', message: /'endpoint.bearerToken'/
  })
  process.env['METRICS_BEARER_TOKEN'] = 's3cret'
  t.match(resolveOptions(WITHOUT_TOKEN).endpoint, { bearerToken: 's3cret' })
})

test('reads METRICS_HOST and METRICS_PORT', async t => {
  const listen = (options: DynoaiMetricsOptions = {}): unknown => {
    const { endpoint } = resolveOptions(options)
    return endpoint && endpoint.listen
  }
  process.env['METRICS_PORT'] = ''
  process.env['METRICS_HOST'] = ''
  t.equal(listen(), null)
  process.env['METRICS_PORT'] = '9464'
  t.strictSame(listen(), { host: 'localhost', port: 9464 })
  t.strictSame(listen({ endpoint: { listen: { host: '::1' } } }), { host: '::1', port: 9464 })
  process.env['METRICS_HOST'] = '0.0.0.0'
  t.strictSame(listen(), { host: '0.0.0.0', port: 9464 })
  t.strictSame(listen({ endpoint: { listen: { port: 1 } } }), { host: '0.0.0.0', port: 1 })
  t.strictSame(listen({ endpoint: { listen: { host: '::1', port: 1 } } }), { host: '::1', port: 1 })
  t.equal(listen({ endpoint: { listen: false } }), null)
  for (const port of ['x', '-1', '65536', '1.5', ' 80', '0x50']) {
    process.env['METRICS_PORT'] = port
    t.throws(() => listen(), {
      code: 'DYNOAI_METRICS_ERR_ENV', message: new RegExp(`'METRICS_PORT' must be .*Received: the string "${port}"$`)
    }, port)
  }
  delete process.env['METRICS_PORT']
  t.throws(() => listen(), {
    code: 'DYNOAI_METRICS_ERR_ENV', message: /'METRICS_PORT' must be .* if METRICS_HOST is set/
  }, 'a host without a port')
})

test('reads METRICS_PATH and npm_package_version', async t => {
  process.env['METRICS_PATH'] = '/stats'
  process.env['npm_package_version'] = '4.5.6'
  t.equal(resolveOptions({}).url, '/stats')
  t.equal(resolveOptions({ path: '/m' }).url, '/m')
  t.strictSame(resolveOptions({ appInfo: { region: 'eu' } }).appInfo, { version: '4.5.6', region: 'eu' })
  process.env['npm_package_version'] = '4'.repeat(257)
  t.strictSame(resolveOptions({}).appInfo, { version: 'unknown' })
  process.env['npm_package_version'] = ''
  const { appInfo } = resolveOptions({ appInfo: { region: 'eu' } })
  t.strictSame(appInfo, { version, region: 'eu' }, 'from the package.json of the test')
  t.strictSame(resolveOptions({ appInfo: { version: '1' } }).appInfo, { version: '1' })
  process.env['METRICS_PATH'] = ''
  t.equal(resolveOptions({}).url, '/metrics')
})
