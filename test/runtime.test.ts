import t from 'tap'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { addRuntimeMetrics } from '../lib/runtime.js'

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

t.test('instances that want the same share one set of collectors', async t => {
  const [a, b, other] = [new Registry(), new Registry(), new Registry()]
  addRuntimeMetrics(a, {})
  addRuntimeMetrics(b, {})
  addRuntimeMetrics(other, { prefix: 'x_', labels: { pod: 'p' } })
  t.equal(a.getSingleMetric('nodejs_gc_duration_seconds'), b.getSingleMetric('nodejs_gc_duration_seconds'))
  t.equal(other.getSingleMetric('nodejs_gc_duration_seconds'), undefined)
  t.match(await other.metrics(), /^x_process_resident_memory_bytes\{pod="p"\} [1-9]/m)
})

t.test('keeps the runtime metrics that the registry has', async t => {
  const registry = new Registry()
  const theirs = new Gauge({ name: 'process_start_time_seconds', help: 'Theirs', registers: [registry] })
  addRuntimeMetrics(registry, {})
  t.equal(registry.getSingleMetric('process_start_time_seconds'), theirs)
  t.ok(registry.getSingleMetric('process_cpu_seconds_total'))
})
