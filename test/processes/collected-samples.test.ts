import t from 'tap'
import { CollectedSamples } from '../../lib/processes/collected-samples.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { byUser, datedFamily, valuesOf } from '../fixtures/processes/sampled-families.js'

/** A counter for each name that ends with `_total`, and a gauge for each other name. */
const families = (values: Readonly<Record<string, number>>): DatedFamily[] =>
  Object.entries(values).map(([name, value]) =>
    datedFamily(name, byUser(name.endsWith('_total') ? 'counter' : 'gauge', { a: value })))

const shown = ({ families }: CollectedSamples): Record<string, number> => valuesOf(families)

t.test('keeps the last families, with the time when the process started', async t => {
  const samples = new CollectedSamples(7)
  samples.update(families({ c_total: 1, g: 2 }), 1)
  t.strictSame(valuesOf(samples.update(families({ c_total: 3 }), 2)), { 'c_total{user=a}': 3 })
  t.strictSame(shown(samples), { 'c_total{user=a}': 3, 'g{user=a}': 2 })
  t.strictSame(samples.families.map(({ since }) => since), [7, 7])
})

t.test('a slow collection does not replace a later one', async t => {
  const samples = new CollectedSamples(0)
  samples.update(families({ c_total: 5, g: 5 }), 2)
  t.strictSame(valuesOf(samples.update(families({ c_total: 1, h: 1 }), 1)), { 'c_total{user=a}': 1, 'h{user=a}': 1 })
  const latest = { 'c_total{user=a}': 5, 'g{user=a}': 5, 'h{user=a}': 1 }
  t.strictSame(shown(samples), latest)
  samples.updateAll(families({ h: 0 }), 1)
  t.strictSame(shown(samples), { ...latest, 'h{user=a}': 0 })
})

t.test('of metrics that are not collected any more, gauges have no value, and sums keep it for a minute', async t => {
  const samples = new CollectedSamples(0)
  samples.update(families({ c_total: 1, g: 1, h: 1 }), 0)
  samples.updateAll(families({ h: 2 }), 59_999)
  t.strictSame(shown(samples), { 'c_total{user=a}': 1, 'h{user=a}': 2 })
  samples.updateAll(families({ h: 2 }), 60_000)
  t.strictSame(shown(samples), { 'h{user=a}': 2 })
})
