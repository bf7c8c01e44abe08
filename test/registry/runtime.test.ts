import t from 'tap'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { join } from '../../lib/registry/join.js'
import { isRuntimeMetric, runtimeMetrics } from '../../lib/registry/runtime.js'
import type { RuntimeMetricsSettings } from '../../lib/types/index.js'

const addRuntimeMetrics = (registry: Registry, settings: RuntimeMetricsSettings): void =>
  join(registry, runtimeMetrics(registry, settings))

/** The runtime metrics that prom-client does not have. */
const ADDED = ['nodejs_eventloop_active_seconds_total', 'nodejs_eventloop_delay_seconds']

t.test('adds every runtime metric of prom-client under the same name, and two of the event loop', async t => {
  const promClient = new Registry()
  collectDefaultMetrics({ register: promClient })
  const registry = new Registry()
  addRuntimeMetrics(registry, {})
  const names = (of: Registry) => of.getMetricsAsArray().map(({ name }) => name).sort()
  t.ok(names(registry).includes('process_cpu_seconds_total'))
  t.ok(names(registry).includes('nodejs_eventloop_lag_seconds'))
  t.strictSame(names(registry), [...names(promClient), ...ADDED].sort())
  t.match(await registry.metrics(), /^process_resident_memory_bytes [1-9]/m)
})

t.test('exposes the same samples as prom-client, including histograms', async t => {
  const promClient = new Registry()
  collectDefaultMetrics({ register: promClient })
  const registry = new Registry()
  addRuntimeMetrics(registry, {})
  for (const name of ADDED) registry.removeSingleMetric(name)
  globalThis.gc?.()
  const shape = async (of: Registry) => (await of.metrics()).split('\n')
    .filter(line => !/^nodejs_(gc|active)/.test(line)).map(line => line.replace(/ \S+$/, ''))
  t.strictSame(await shape(registry), await shape(promClient))
  const described = async (of: Registry) =>
    (await of.getMetricsAsJSON()).map(({ name, type, aggregator }) => [name, type, aggregator])
  t.strictSame(await described(registry), await described(promClient))
})

t.test('applies prefix and labels', async t => {
  const registry = new Registry()
  addRuntimeMetrics(registry, { prefix: 'x_', labels: { pod: 'p' } })
  t.match(await registry.metrics(), /^x_process_resident_memory_bytes\{pod="p"\} [1-9]/m)
})

t.test('shares collectors between instances, but neither names nor resets', async t => {
  const [text, openMetrics] = [new Registry(), new Registry()]
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const observers = (): number => process.getActiveResourcesInfo().length
  addRuntimeMetrics(text, {})
  const before = observers()
  addRuntimeMetrics(openMetrics, {})
  t.equal(observers(), before, 'the second instance starts no observer')

  t.match(await openMetrics.metrics(), /^# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total /m)
  const scrape = await text.metrics()
  const expected = /^# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total /m
  t.match(scrape, expected, 'after a scrape of the other registry')

  const cpu = async (): Promise<number> => Number(/^process_cpu_seconds_total (\S+)$/m.exec(await text.metrics())?.[1])
  const counted = await cpu()
  openMetrics.resetMetrics()
  t.ok(await cpu() >= counted, 'after a reset of the other registry')
})

t.test('keeps the runtime metrics that the registry has', async t => {
  const registry = new Registry()
  const existing = new Gauge({ name: 'process_start_time_seconds', help: 'Theirs', registers: [registry] })
  addRuntimeMetrics(registry, {})
  t.equal(registry.getSingleMetric('process_start_time_seconds'), existing)
  t.ok(registry.getSingleMetric('process_cpu_seconds_total'))
})

t.test('collects the series of a metric that is read alone, also where another metric sets them', async t => {
  const registry = new Registry()
  addRuntimeMetrics(registry, {})
  const names = registry.getMetricsAsArray().map(({ name }) => name)
  // The excluded metrics may have no series, or only after the first scrape.
  for (const name of names.filter(name => !/_gc_|^nodejs_(active|eventloop_lag_seconds)/.test(name))) {
    const alone = new Registry()
    // Other labels make another collection, which nothing has read before.
    addRuntimeMetrics(alone, { labels: { only: name } })
    t.match(await alone.getSingleMetricAsString(name), `{only="${name}"`.slice(1, -1), name)
  }
})

/** The first value of a metric, read with its `get`. */
async function valueOf (registry: Registry, name: string): Promise<number> {
  const { values } = await registry.getSingleMetric(name)?.get() as { values: ReadonlyArray<{ value: number }> }
  return values[0]?.value ?? NaN
}

const MAX = 'nodejs_eventloop_lag_max_seconds'
const MEAN = 'nodejs_eventloop_lag_mean_seconds'

t.test('a metric that is read alone covers the time since its last reading', async t => {
  const registry = new Registry()
  addRuntimeMetrics(registry, { labels: { case: 'single' } })
  await registry.metrics()
  const block = async (milliseconds: number): Promise<void> => {
    // The monitor of prom-client samples every 10 ms.
    await new Promise(resolve => { setTimeout(resolve, 30) })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
    await new Promise(resolve => { setTimeout(resolve, 30) })
  }
  await block(1000)
  t.ok(await valueOf(registry, MAX) >= 1, 'read with get')
  await block(100)
  const text = await registry.getSingleMetricAsString(MAX)
  const lag = Number(text.split(' ').at(-1))
  t.ok(lag >= 0.1 && lag < 1, `read as text, ${lag} s`)
})

t.test('all readers in one turn of the event loop share one collection', async t => {
  const [one, other] = [new Registry(), new Registry()]
  for (const registry of [one, other]) addRuntimeMetrics(registry, { labels: { case: 'turn' } })
  // In several turns: the monitor of prom-client samples at most once in a turn.
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => { setTimeout(resolve, 20) })
  const [max, text, mean] = await Promise.all([valueOf(one, MAX), other.metrics(), valueOf(one, MEAN)])
  t.ok(max > 0)
  t.ok(mean > 0, 'not NaN, which it is after a reset')
  t.match(text, `${MAX}{case="turn"} ${max}\n`)
})

t.test('does not share samples, so default labels of one registry do not reach another', async t => {
  const [one, other] = [new Registry(), new Registry()]
  for (const registry of [one, other]) addRuntimeMetrics(registry, { labels: { case: 'labels' } })
  one.setDefaultLabels({ pod: 'a' })
  t.match(JSON.stringify(await one.getMetricsAsJSON()), '"pod":"a"')
  t.notMatch(JSON.stringify(await other.getMetricsAsJSON()), '"pod"')
  t.notMatch(await other.metrics(), 'pod=')
})

t.test('knows by its name whether a metric is a runtime metric', async t => {
  const promClient = new Registry()
  collectDefaultMetrics({ register: promClient })
  for (const name of [...promClient.getMetricsAsArray().map(({ name }) => name), ...ADDED]) {
    t.ok(isRuntimeMetric(name, {}), name)
    t.ok(isRuntimeMetric(`app_${name}`, { prefix: 'app_' }), name)
    t.notOk(isRuntimeMetric(name, { prefix: 'app_' }), name)
  }
  for (const name of ['process_orders_total', 'orders_total', 'app_nodejs_x', 'process']) {
    t.notOk(isRuntimeMetric(name, {}), name)
  }
})
