import { Registry } from 'prom-client'
import t from 'tap'
import { OwnFamilies } from '../../lib/processes/own-families.js'
import { familyMetric } from '../../lib/registry/family-metric.js'
import { join } from '../../lib/registry/join.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { createCounter } from '../fixtures/processes/slots.js'

const NO_LISTENER = { removed () {}, reset () {} }
const counter = (name: string): CounterFamily => new CounterFamily({ name, help: 'C', expireAfter: 0.001 })

t.test('has the families of the registry in its order, and adds those that are defined later', async t => {
  const registry = new Registry()
  const [first, second] = [counter('b_total'), counter('a_total')]
  const values = registryMetric({ name: 'v', help: 'V', type: 'gauge', labelNames: [], values: () => [] })
  join(registry, [familyMetric(first), values])
  const own = new OwnFamilies(registry, NO_LISTENER)
  own.update()
  const { families } = own
  t.strictSame(families, [first])
  join(registry, [familyMetric(second)])
  own.update()
  own.update()
  t.strictSame(families, [first, second])
  t.ok(own.has('a_total'))
  t.notOk(own.has('v'))
})

t.test('of several metrics with one name, has the one that is registered', async t => {
  const registry = new Registry()
  join(registry, [familyMetric(counter('x_total'))])
  registry.clear()
  const next = counter('x_total')
  join(registry, [familyMetric(next)])
  const own = new OwnFamilies(registry, NO_LISTENER)
  own.update()
  t.equal(own.families.length, 1)
  t.equal(own.families[0], next)
  own.addExposed([counter('x_total')])
  t.equal(own.families.length, 1)
})

t.test('adds families that the application has registered itself', async t => {
  const own = new OwnFamilies(new Registry(), NO_LISTENER)
  const family = createCounter()
  own.addExposed([{ name: 'v', help: '', type: 'gauge', labelNames: [], values: () => [] }, family])
  t.strictSame(own.families, [family])
})

t.test('a registry that fails does not matter', async t => {
  const registry = new Registry()
  const family = counter('x_total')
  join(registry, [familyMetric(family)])
  registry.getSingleMetric = () => { throw new Error('fails') }
  const own = new OwnFamilies(registry, NO_LISTENER)
  own.update()
  t.strictSame(own.families, [family])
})

t.test('reports removals until it is closed', async t => {
  const registry = new Registry()
  const heard: unknown[] = []
  const own = new OwnFamilies(registry, {
    removed: (metric, labels) => { heard.push([metric, ...labels]) }, reset: metric => { heard.push(metric) }
  })
  const family = createCounter({ a: 1 })
  join(registry, [familyMetric(family)])
  own.update()
  family.removeSeries(['a'])
  family.reset()
  own.close()
  family.reset()
  t.strictSame(heard, [['calls_total', 'a'], 'calls_total'])
})

t.test('expires what was written before a time, and not what was written later', async t => {
  const registry = new Registry()
  const family = new CounterFamily({
    name: 'x_total', help: 'C', labels: [{ name: 'a', listed: [] }], expireAfter: 0.001
  })
  join(registry, [familyMetric(family)])
  const own = new OwnFamilies(registry, NO_LISTENER)
  own.update()
  family.admit(['old'])
  const between = performance.now()
  while (performance.now() - between < 2);
  family.admit(['new'])
  const end = performance.now()
  while (performance.now() - end < 2);
  own.expire(between + 1)
  t.strictSame([...family.table.indices()].map(index => family.table.labelValueAt(index, 0)), ['new'])
})
