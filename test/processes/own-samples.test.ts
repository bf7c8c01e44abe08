import t from 'tap'
import type { ExposedMetric } from '../../lib/exposition/encode-families.js'
import { isDerived, isOwn, ownSamples } from '../../lib/processes/own-samples.js'
import type { DerivedMetric, ValuesMetric } from '../../lib/registry/plugin-metric.js'
import { byUser, datedFamily } from '../fixtures/processes/sampled-families.js'
import { createCounter } from '../fixtures/processes/slots.js'

const values: ValuesMetric = {
  name: 'info',
  help: 'I',
  type: 'gauge',
  labelNames: ['version'],
  aggregator: 'first',
  values: () => [
    { labels: { version: '1' }, value: 1 }, undefined, { labels: { version: '2', region: 'us' }, value: 1 }
  ]
}
const derived: DerivedMetric = { ...values, name: 'd_total', source: createCounter(), valuesOf: () => [] }
const own: ValuesMetric = { ...values, name: 'workers', aggregator: 'omit' }
const collected = datedFamily('c_total', byUser('counter', { a: 1 }))

t.test('has the samples that are not in the store, with default labels, and pauses as a metric does', async t => {
  const metrics: ExposedMetric[] = [createCounter({ a: 1 }), collected, values, derived, own]
  const steps = ownSamples({ metrics, defaultLabels: { region: 'eu' } })
  t.equal(steps.next().done, false)
  const { value } = steps.next()
  t.equal((value as readonly unknown[])[0], collected)
  t.match(value, [{}, {
    name: 'info',
    type: 'gauge',
    aggregator: 'first',
    rows: [{ labels: { version: '1', region: 'eu' }, value: 1 }, { labels: { version: '2', region: 'us' }, value: 1 }]
  }])
  t.equal((value as readonly unknown[]).length, 2)
})

t.test('a metric without an aggregator is summed', async t => {
  const { aggregator, ...sum } = values
  const steps = ownSamples({ metrics: [sum], defaultLabels: {} })
  steps.next()
  t.match(steps.next().value, [{ aggregator: 'sum' }])
  t.equal(aggregator, 'first')
})

t.test('knows what is derived, and what is not merged', async t => {
  t.strictSame([values, derived, own, collected].map(isDerived), [false, true, false, false])
  const omitted = { ...collected, aggregator: 'omit' } as const
  t.strictSame([values, derived, own, omitted].map(isOwn), [false, false, true, false])
})
