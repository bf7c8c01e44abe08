import t from 'tap'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { join } from '../lib/registry.js'
import { runtimeMetrics } from '../lib/runtime.js'
import type { RuntimeMetricsSettings } from '../lib/types.js'

const addRuntimeMetrics = (registry: Registry, settings: RuntimeMetricsSettings): void => join(registry, runtimeMetrics(registry, settings))

t.test('adds every runtime metric of prom-client under its own name', async t => {
  const theirs = new Registry()
  collectDefaultMetrics({ register: theirs })
  const registry = new Registry()
  addRuntimeMetrics(registry, {})
  const names = (of: Registry) => of.getMetricsAsArray().map(({ name }) => name).sort()
  t.ok(names(registry).includes('process_cpu_seconds_total'))
  t.ok(names(registry).includes('nodejs_eventloop_lag_seconds'))
  t.strictSame(names(registry), names(theirs))
  t.match(await registry.metrics(), /^process_resident_memory_bytes [1-9]/m)
})

t.test('gives what prom-client gives, histograms included', async t => {
  const theirs = new Registry()
  collectDefaultMetrics({ register: theirs })
  const registry = new Registry()
  addRuntimeMetrics(registry, {})
  globalThis.gc?.()
  const shape = async (of: Registry) => (await of.metrics()).split('\n').filter(line => !/^nodejs_(gc|active)/.test(line)).map(line => line.replace(/ \S+$/, ''))
  t.strictSame(await shape(registry), await shape(theirs))
  t.strictSame((await registry.getMetricsAsJSON()).map(({ name, type, aggregator }) => [name, type, aggregator]),
    (await theirs.getMetricsAsJSON()).map(({ name, type, aggregator }) => [name, type, aggregator]))
})

t.test('takes settings', async t => {
  const registry = new Registry()
  addRuntimeMetrics(registry, { prefix: 'x_', labels: { pod: 'p' } })
  t.match(await registry.metrics(), /^x_process_resident_memory_bytes\{pod="p"\} [1-9]/m)
})

t.test('instances share the collectors, but neither names nor resets', async t => {
  const [text, openMetrics] = [new Registry(), new Registry()]
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const observers = (): number => process.getActiveResourcesInfo().length
  addRuntimeMetrics(text, {})
  const before = observers()
  addRuntimeMetrics(openMetrics, {})
  t.equal(observers(), before, 'the second starts nothing')

  t.match(await openMetrics.metrics(), /^# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total /m)
  const scrape = await text.metrics()
  t.match(scrape, /^# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total /m, 'after a scrape of the other')

  const cpu = async (): Promise<number> => Number(/^process_cpu_seconds_total (\S+)$/m.exec(await text.metrics())?.[1])
  const counted = await cpu()
  openMetrics.resetMetrics()
  t.ok(await cpu() >= counted, 'after a reset of the other')
})

t.test('keeps the runtime metrics that the registry has', async t => {
  const registry = new Registry()
  const theirs = new Gauge({ name: 'process_start_time_seconds', help: 'Theirs', registers: [registry] })
  addRuntimeMetrics(registry, {})
  t.equal(registry.getSingleMetric('process_start_time_seconds'), theirs)
  t.ok(registry.getSingleMetric('process_cpu_seconds_total'))
})
