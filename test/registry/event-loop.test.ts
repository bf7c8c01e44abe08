import t from 'tap'
import { Registry } from 'prom-client'
import { eventLoopMetrics } from '../../lib/registry/event-loop.js'
import { join } from '../../lib/registry/join.js'
import type { RuntimeMetricsSettings } from '../../lib/types/index.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import type { FormatName } from '../fixtures/exposition/parse.js'

const ACTIVE = 'nodejs_eventloop_active_seconds_total'
const DELAY = 'nodejs_eventloop_delay_seconds'

function registryOf (settings: RuntimeMetricsSettings = {}): Registry {
  const registry = new Registry()
  join(registry, eventLoopMetrics(settings))
  return registry
}

/** The samples of a registry, as the exposition of this plugin writes them. */
async function read (registry: Registry, format: FormatName = 'text'): Promise<Map<string, number>> {
  return samplesOf(checkStructure(await expose(registry, format), format))
}

const busy = (milliseconds: number): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

const turn = async (): Promise<void> => { await new Promise(resolve => { setTimeout(resolve, 1) }) }

t.test('has the documented names, types, buckets and labels', async t => {
  const expected = ['0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']
  const text = await expose(registryOf())
  t.match(text, `# TYPE ${ACTIVE} counter\n${ACTIVE} `)
  t.match(text, `# TYPE ${DELAY} histogram\n`)
  t.strictSame([...text.matchAll(/_bucket\{le="(.*)"\}/g)].map(([, bound]) => bound), expected)
  const labelled = await read(registryOf({ prefix: 'x_', labels: { pod: 'p' } }), 'openmetrics')
  t.ok(labelled.has(`x_${ACTIVE}[["pod","p"]]`))
  t.ok(labelled.has(`x_${DELAY}_count[["pod","p"]]`))
})

t.test('prom-client writes the same samples, in both formats', async t => {
  const registry = registryOf({ labels: { pod: 'p' } })
  const shape = (text: string): string[] =>
    text.split('\n').filter(Boolean).map(line => line.replace(/ \S+$/, '')).sort()
  t.strictSame(shape(await registry.metrics()), shape(await expose(registry)))
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  t.match(await registry.metrics(), `# TYPE ${ACTIVE.replace('_total', '')} counter\n${ACTIVE}{pod="p"} `)
})

t.test('counts active time while the event loop works, but not while it waits', async t => {
  const registry = registryOf()
  const active = async (): Promise<number> => (await read(registry)).get(`${ACTIVE}[]`) ?? NaN
  await turn()
  const before = await active()
  busy(200)
  await turn()
  const after = await active()
  t.ok(after - before >= 0.2, `${after - before} s`)

  const start = performance.now()
  const cpuBefore = process.cpuUsage()
  await new Promise(resolve => { setTimeout(resolve, 300) })
  const waited = (performance.now() - start) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  t.ok(await active() - after < waited - 0.1 + (cpu.user + cpu.system) / 1e6, `${waited} s of waiting`)
})

t.test('counts a blocked event loop as delay, which no scrape or reset sets back', async t => {
  const [one, other] = [registryOf(), registryOf({ prefix: 'x_' })]
  const late = async (): Promise<number> => {
    const samples = await read(one)
    return (samples.get(`${DELAY}_count[]`) ?? NaN) - (samples.get(`${DELAY}_bucket[["le","0.1"]]`) ?? NaN)
  }
  const before = await late()
  busy(600)
  while (await late() === before) await turn()
  const after = await late()
  t.ok(after - before >= (600 - 100 - 100 - 20) / 20, `${after - before} samples later than 100 ms`)

  one.resetMetrics()
  await one.metrics()
  other.resetMetrics()
  t.ok(await late() >= after)
  const total = (await read(other)).get(`x_${DELAY}_bucket[["le","+Inf"]]`) ?? NaN
  t.ok(total >= after, 'the other registry has the same samples')
})

t.test('reads all samples of a histogram at the same moment, so they add up', async t => {
  const samples = await read(registryOf())
  t.equal(samples.get(`${DELAY}_bucket[["le","+Inf"]]`), samples.get(`${DELAY}_count[]`))
})
