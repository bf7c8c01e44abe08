import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { Counter, Registry } from 'prom-client'
import { dynoaiMetrics } from '../lib/plugin.js'
import type { DynoaiMetricsOptions, HandlesOf, MetricDefinitions } from '../lib/types/index.js'
import { createFastify, createMeasuredFastify } from './fixtures/app.js'
import { readSamples } from './fixtures/samples.js'

const shop = {
  ordersTotal: {
    type: 'counter', help: 'Orders placed', labels: { status: ['ok', 'failed'], shop: [] }, defaults: { status: 'ok' }
  },
  queueLength: { type: 'gauge', help: 'Orders waiting', collect: () => 7 }
} as const satisfies MetricDefinitions

/** The names and types of the families in an exposition. */
const families = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)

t.test('has every metric documented in docs/metrics.md', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  const found = families(await fastify.metrics.registry.metrics())
  t.strictSame(found.filter(family => family.startsWith('dynoai_')).sort(), [
    'dynoai_active_analyses gauge',
    'dynoai_active_sessions gauge',
    'dynoai_analysis_duration_seconds histogram',
    'dynoai_analysis_total counter',
    'dynoai_app_info gauge',
    'dynoai_exporter_info gauge',
    'dynoai_file_upload_bytes histogram',
    'dynoai_jetstream_poll_duration_seconds histogram',
    'dynoai_jetstream_runs_total counter',
    'dynoai_metrics_errors_total counter',
    'dynoai_metrics_overflow_total counter',
    'dynoai_metrics_scrape_duration_seconds histogram',
    'dynoai_metrics_scrapes_total counter',
    'dynoai_request_duration_seconds histogram',
    'dynoai_request_exceptions_total counter',
    'dynoai_requests_in_flight gauge',
    'dynoai_requests_total counter',
    'dynoai_ve_corrections_count histogram',
    'dynoai_ve_corrections_magnitude_percent histogram',
    'dynoai_virtual_tuning_iterations histogram',
    'dynoai_virtual_tuning_sessions_total counter'
  ])
  t.ok(found.includes('process_cpu_seconds_total counter'))
  t.ok(found.includes('nodejs_heap_size_used_bytes gauge'))
})

t.test('measures requests and analyses without options', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  fastify.post('/api/analyze', async () => {
    fastify.metrics.analysisTotal.inc({ status: 'success', source: 'upload' })
  })
  await fastify.inject({ method: 'POST', url: '/api/analyze' })
  const { body } = await fastify.inject('/metrics')
  t.match(body, 'dynoai_analysis_total{status="success",source="upload"} 1\n')
  t.match(body, 'dynoai_request_duration_seconds_count{method="POST",path="/api/analyze",status="200"} 1\n')
})

t.test('adds the metrics of an application, all with its prefix and default labels', async t => {
  const fastify = await createMeasuredFastify(t, {
    metrics: shop, metricPrefix: 'shop', dynoai: false, appInfo: { version: '2' }, defaultLabels: { pod: 'p' }
  })
  const { ordersTotal } = fastify.metrics as unknown as HandlesOf<typeof shop>
  ordersTotal.inc({ shop: 'north' })
  fastify.get('/x', async () => 'ok')
  await fastify.inject('/x')
  const all = await readSamples(fastify.metrics.registry)
  t.match(all, {
    'shop_orders_total{status="ok",shop="north",pod="p"}': 1,
    'shop_queue_length{pod="p"}': 7,
    'shop_app_info{version="2",pod="p"}': 1,
    'shop_request_duration_seconds_count{method="GET",path="/x",status="200",pod="p"}': 1
  })
  t.ok(Object.keys(all).every(name => name.startsWith('shop_') && name.includes('pod="p"')))
  const unprefixed = await createMeasuredFastify(t, { metricPrefix: '', dynoai: false })
  t.match(await readSamples(unprefixed.metrics.registry), { requests_in_flight: 0 })
})

t.test('adds its metrics to a registry of the application', async t => {
  const registry = new Registry()
  new Counter({ name: 'mine_total', help: 'Mine', registers: [registry] }).inc()
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { registry })
  t.equal(fastify.metrics.registry, registry)
  const { body } = await fastify.inject('/metrics')
  t.match(body, /^mine_total 1$/m)
  t.match(body, /^process_cpu_seconds_total /m)
})

t.test('rejects names and labels that are taken', async t => {
  const taken = async (name: string) => {
    const registry = new Registry()
    new Counter({ name, help: 'Taken', registers: [registry] }).inc()
    await createFastify(t).register(dynoaiMetrics, { registry })
  }
  await t.rejects(taken('dynoai_requests_total'), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /'dynoai_requests_total'/
  })
  await t.rejects(async () => await createFastify(t).register(dynoaiMetrics, {
    metrics: { cpu: { type: 'gauge', help: 'CPU', name: 'process_cpu_seconds_total' } }
  }), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /'process_cpu_seconds_total'/ })
  for (const label of ['method', 'source', 'kind', 'metric']) {
    await t.rejects(async () => await createFastify(t).register(dynoaiMetrics, { defaultLabels: { [label]: 'x' } }), {
      code: 'DYNOAI_METRICS_ERR_LABEL_TAKEN', message: new RegExp(`'${label}'`)
    })
  }
})

t.test('adds no metric to the registry when its registration fails', async t => {
  const registry = new Registry()
  const taken = createFastify(t)
  taken.get('/metrics', async () => 'mine')
  await t.rejects(async () => await taken.register(dynoaiMetrics, { registry }), {
    code: 'DYNOAI_METRICS_ERR_PATH_TAKEN'
  })
  await t.rejects(async () => await createFastify(t)
    .register(dynoaiMetrics, { registry, defaultLabels: { method: 'x' } }), { code: 'DYNOAI_METRICS_ERR_LABEL_TAKEN' })
  t.strictSame(registry.getMetricsAsArray(), [])
  await t.resolves(async () => await createFastify(t).register(dynoaiMetrics, { registry }))
})

t.test('rejects a second registration on an instance or in a scope below it', async t => {
  const fastify = await createMeasuredFastify(t)
  const again = { code: 'DYNOAI_METRICS_ERR_REGISTERED' }
  await t.rejects(async () => await fastify.register(dynoaiMetrics, { prefix: '/again' }), again)

  const parent = await createMeasuredFastify(t)
  await t.rejects(async () => await parent.register(async scope => {
    await scope.register(dynoaiMetrics)
  }, { prefix: '/child' }), again)

  const disabled = await createMeasuredFastify(t, { enabled: false })
  await t.rejects(async () => await disabled.register(dynoaiMetrics), again)
})

t.test('rejects a decorator of another plugin', async t => {
  for (const theirs of [{ mine: true }, 'text']) {
    const fastify = createFastify(t)
    fastify.decorate('metrics', theirs as unknown as typeof fastify.metrics)
    await t.rejects(async () => await fastify.register(dynoaiMetrics), {
      code: 'DYNOAI_METRICS_ERR_DECORATOR', message: /Received: /
    })
  }
})

t.test('measures only the scope that it is registered in, also in two sibling scopes', async t => {
  const fastify = createFastify(t)
  fastify.get('/outside', async () => 'ok')
  const scopes: Registry[] = []
  for (const prefix of ['/a', '/b']) {
    await fastify.register(async scope => {
      await scope.register(dynoaiMetrics, { runtimeMetrics: false })
      scope.get('/in', async () => 'ok')
      scopes.push(scope.metrics.registry)
    }, { prefix })
  }
  await fastify.inject('/outside')
  await fastify.inject('/a/in')
  await fastify.inject('/b/in')
  for (const [i, prefix] of ['/a', '/b'].entries()) {
    const registry = scopes[i]
    if (registry === undefined) throw new Error('no registry')
    t.strictSame(await readSamples(registry, 'dynoai_request_duration_seconds_count'), {
      [`dynoai_request_duration_seconds_count{method="GET",path="${prefix}/in",status="200"}`]: 1
    })
  }
})

t.test('counts separately for each instance in a process', async t => {
  const instances = await Promise.all([1, 2, 3].map(async n => {
    const fastify = createFastify(t)
    await fastify.register(dynoaiMetrics, { metrics: shop })
    fastify.get('/x', async () => 'ok')
    return { fastify, n }
  }))
  await Promise.all(instances.flatMap(({ fastify, n }) => Array.from({ length: n }, () => fastify.inject('/x'))))
  for (const { fastify, n } of instances) {
    fastify.metrics.analysisTotal.inc(n)
    t.match(
      (await fastify.inject('/metrics')).body,
      `dynoai_request_duration_seconds_count{method="GET",path="/x",status="200"} ${n}\n`
    )
    t.match(await readSamples(fastify.metrics.registry), {
      'dynoai_analysis_total{status="success",source="upload"}': n
    })
  }
})

t.test('adds no hook and no route while disabled, and fastify.metrics does nothing', async t => {
  for (const byEnvironment of [true, false]) {
    const fastify = createFastify(t)
    const added: string[] = []
    const addHook = fastify.addHook
    fastify.addHook = ((name: string, ...rest: never[]) => {
      added.push(name)
      return Reflect.apply(addHook, fastify, [name, ...rest])
    }) as typeof addHook
    fastify.addHook('onRoute', ({ url }) => { added.push(url) })
    if (byEnvironment) process.env['METRICS_ENABLED'] = 'false'
    await fastify.register(dynoaiMetrics, byEnvironment ? {} : { enabled: false })
    delete process.env['METRICS_ENABLED']
    t.strictSame(added, ['onRoute'], 'only the hook of this test')

    fastify.setNotFoundHandler((_request, reply) => reply.code(404).send('ours'))
    fastify.get('/x', async () => {
      fastify.metrics.analysisTotal.inc()
      fastify.metrics.veCorrectionsCount.observe(NaN)
      fastify.metrics.activeSessions.labels({}).inc()
      return fastify.metrics.timeAnalysis({ source: 'upload' }, async () =>
        fastify.metrics.analysisDurationSeconds.time(() => 'worked'))
    })
    t.equal((await fastify.inject('/metrics')).body, 'ours')
    t.equal((await fastify.inject('/x')).body, 'worked')
    t.equal(fastify.metrics.enabled, false)
    t.equal(await fastify.metrics.registry.metrics(), '\n')
    t.strictSame(fastify.metrics.registry.getMetricsAsArray(), [])
  }
})

t.test('adds nothing to a given registry while disabled', async t => {
  const registry = new Registry()
  const fastify = await createMeasuredFastify(t, { enabled: false, registry })
  t.strictSame(registry.getMetricsAsArray(), [])
  t.not(fastify.metrics.registry, registry)
})

t.test('leaves out the metrics that options disable', async t => {
  const cases: ReadonlyArray<readonly [options: object, present: string, absent: string]> = [
    [{ requests: false }, 'dynoai_analysis_total', 'dynoai_requests_total'],
    [{ requests: false, dynoai: false }, 'dynoai_app_info', 'dynoai_request_duration_seconds'],
    [{ dynoai: false }, 'dynoai_requests_total', 'dynoai_analysis_total'],
    [{ dynoai: false }, 'dynoai_file_upload_bytes', 'dynoai_active_analyses'],
    [{ dynoai: false, uploads: false }, 'dynoai_requests_total', 'dynoai_file_upload_bytes'],
    [{ uploads: false }, 'dynoai_file_upload_bytes', 'dynoai_request_size_bytes'],
    [{ runtimeMetrics: false }, 'dynoai_requests_total', 'process_cpu_seconds_total']
  ]
  for (const [options, present, absent] of cases) {
    const fastify = createFastify(t)
    await fastify.register(dynoaiMetrics, options)
    const { body } = await fastify.inject('/metrics')
    t.match(body, `# TYPE ${present} `, present)
    t.notMatch(body, `# TYPE ${absent} `, absent)
  }
})

t.test('adds hooks only where requests, analyses or uploads are measured', async t => {
  const cases: ReadonlyArray<readonly [options: DynoaiMetricsOptions, hasHooks: boolean]> = [
    [{}, true],
    [{ requests: false, uploads: false }, true],
    [{ dynoai: false, uploads: false }, true],
    [{ requests: false, dynoai: false }, true],
    [{ requests: false, dynoai: false, metrics: { fileUploadBytes: { type: 'gauge', help: 'Mine' } } }, false],
    [{ requests: false, dynoai: false, uploads: false }, false],
    [{ enabled: false }, false]
  ]
  for (const [options, hasHooks] of cases) {
    const fastify = createFastify(t)
    const added = t.capture(fastify, 'addHook', fastify.addHook)
    // The endpoint adds its own hooks.
    await fastify.register(dynoaiMetrics, { ...options, endpoint: false })
    t.equal(added().some(({ args: [name] }) => name === 'onRequestAbort'), hasHooks, JSON.stringify(options))
  }
})

t.test('applies settings for the runtime metrics', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { runtimeMetrics: { prefix: 'api_' } })
  t.match((await fastify.inject('/metrics')).body, /^api_process_cpu_seconds_total /m)
})

t.test('responds to and counts a request when every callback and the logger fail', async t => {
  const boom = (): never => {
    throw Object.defineProperty(new Error('x'), 'message', { get () { throw new Error('read') } })
  }
  const metrics = {
    shopTotal: { type: 'counter', help: 'S' }, queueLength: { type: 'gauge', help: 'Q', collect: boom }
  } as const
  const fastify = await createMeasuredFastify(t, { metrics, requests: { ignore: boom, labels: { tenant: boom } } }, {
    logger: { level: 'warn', stream: { write () { throw new Error('no disk') } } }
  })
  const { shopTotal } = fastify.metrics as unknown as HandlesOf<typeof metrics>
  fastify.get('/x', { config: { metrics: { analysis: {} } } }, async () => {
    shopTotal.inc(NaN)
    return fastify.metrics.timeAnalysis({ get source () { return boom() } }, () => 'done')
  })
  t.equal((await fastify.inject('/x')).body, 'done')
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_request_duration_seconds_count{method="GET",path="/x",status="200",tenant=""}': 1,
    'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds"}': 2,
    'dynoai_metrics_errors_total{metric="dynoai_shop_total"}': 1,
    'dynoai_metrics_errors_total{metric="dynoai_analysis_total"}': 1,
    'dynoai_metrics_errors_total{metric="dynoai_queue_length"}': 1,
    dynoai_requests_in_flight: 0
  })
})

t.test('supports labels with the names of properties that every object inherits', async t => {
  const labels = { constructor: 'c', toString: 't', valueOf: 'v' } as unknown as Record<string, string>
  const fastify = await createMeasuredFastify(t, {
    dynoai: false, appInfo: labels, requests: { labels: { hasOwnProperty: () => 'h', isPrototypeOf: () => 'i' } }
  })
  const fixed = { hasOwnProperty: 'fixed' } as unknown as Record<string, string>
  fastify.get('/x', { config: { metrics: { labels: fixed } } }, async () => 'ok')
  await fastify.inject('/x')
  const { body } = await fastify.inject('/metrics')
  t.match(body, /^dynoai_app_info\{version=".*",constructor="c",toString="t",valueOf="v"\} 1$/m)
  const request = 'method="GET",path="/x",status="200",hasOwnProperty="fixed",isPrototypeOf="i"'
  t.ok(body.split('\n').includes(`dynoai_request_duration_seconds_count{${request}} 1`))
  const other = await createMeasuredFastify(t, { dynoai: false, defaultLabels: labels })
  const { body: otherBody } = await other.inject('/metrics')
  t.match(otherBody, /^dynoai_exporter_info\{version=".*",constructor="c",toString="t",valueOf="v"\} 1$/m)
})

t.test('fastify.metrics is frozen and enabled', async t => {
  const fastify = await createMeasuredFastify(t)
  t.equal(fastify.metrics.enabled, true)
  t.ok(Object.isFrozen(fastify.metrics))
})

t.test('the process of an application exits after the application closes', async t => {
  const script = `
    import Fastify from 'fastify'
    import dynoaiMetrics from 'dynoai-metrics'
    const fastify = Fastify()
    await fastify.register(dynoaiMetrics)
    await fastify.listen({ host: '127.0.0.1', port: 0 })
    await (await fetch(fastify.listeningOrigin + '/metrics')).text()
    await fastify.close()
    console.log('closed')`
  const { stdout } = await promisify(execFile)(
    process.execPath, ['--input-type=module', '--eval', script], { cwd: process.cwd() }
  )
  t.equal(stdout, 'closed\n')
})
