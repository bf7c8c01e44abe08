import t from 'tap'
import { Registry } from 'prom-client'
import type { ExposedMetric } from '../../lib/exposition/encode-families.js'
import { mergedInOrder } from '../../lib/exposition/merged-order.js'
import { readRegistry } from '../../lib/exposition/read-registry.js'
import { familyMetric } from '../../lib/registry/family-metric.js'
import { join } from '../../lib/registry/join.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const counter = (name: string): CounterFamily => new CounterFamily({ name, help: 'C' })
const histogram = (name: string): HistogramFamily => new HistogramFamily({ name, help: 'H', buckets: [1] })

interface Ordered {
  readonly metrics: readonly ExposedMetric[]
  readonly failed: readonly string[]
}

/** Orders merged metrics in a process that has counters of these names. */
function order (ownNames: readonly string[], merged: readonly ExposedMetric[], names: string[] | null = null): Ordered {
  const registry = new Registry()
  join(registry, ownNames.map(name => familyMetric(counter(name))))
  const failed: string[] = []
  const onError = (metric: string): void => { failed.push(metric) }
  const { metrics: registered, owners } = readRegistry(registry, onError)
  const requested = registered.filter(({ name }) => names === null || names.includes(name))
  return { metrics: mergedInOrder(merged, { registered, requested, names, owners }, onError), failed }
}

const namesOf = ({ metrics }: Ordered): string[] => metrics.map(({ name }) => name)

t.test('writes the metrics of this process in its order, then those that only others have', async t => {
  const merged = ['d_total', 'b_total', 'a_total', 'c_total'].map(counter)
  t.strictSame(namesOf(order(['a_total', 'b_total'], merged)), ['a_total', 'b_total', 'd_total', 'c_total'])
  t.strictSame(namesOf(order(['a_total', 'e_total'], merged.slice(2))), ['a_total', 'c_total'])
})

t.test('writes only requested metrics, by the name of the metric or of a sample', async t => {
  const merged = [counter('a_total'), counter('b_total'), histogram('d'), histogram('e')]
  const cases = [
    [['a_total'], ['a_total']], [['b_total'], ['b_total']], [['d_sum'], ['d']], [['d'], ['d']], [['x'], []], [[], []]
  ] as const
  for (const [names, expected] of cases) {
    t.strictSame(namesOf(order(['a_total'], merged, [...names])), [...expected], names.join())
  }
})

t.test('a metric may have another type in a newer process, but no name of another metric', async t => {
  const newer = histogram('a')
  t.strictSame(order(['a', 'b_total'], [newer, counter('b_total')]).metrics[0], newer)
  for (const ownNames of [['a_sum'], ['a_created']]) {
    t.strictSame(order(ownNames, [newer, ...ownNames.map(counter)]).failed, ['a'])
  }
  const { failed, ...others } = order([], [counter('a_count'), newer, counter('c_total')])
  t.strictSame(failed, ['a'])
  t.strictSame(namesOf({ failed, ...others }), ['a_count', 'c_total'])
})

t.test('of two metrics with one name, writes the first', async t => {
  const [first, second] = [counter('a_total'), counter('a_total')]
  for (const ownNames of [['a_total'], []]) {
    const { metrics, failed } = order(ownNames, [first, second])
    t.equal(metrics.length, 1)
    t.equal(metrics[0], first)
    t.strictSame(failed, [])
  }
})
