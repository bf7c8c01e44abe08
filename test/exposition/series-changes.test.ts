import fc from 'fast-check'
import t from 'tap'
import { Registry } from 'prom-client'
import { Exposition } from '../../lib/exposition/exposition.js'
import { openMetricsEncoder, textEncoder } from '../../lib/exposition/text-encoder.js'
import { removableMetric } from '../../lib/registry/family-metric.js'
import { join } from '../../lib/registry/join.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { ChunkCollector } from '../fixtures/exposition/expose.js'
import type { ParsedFamily } from '../fixtures/exposition/parse.js'

const LABELS = [{ name: 'kind', listed: ['a', 'b'] }, { name: 'user', listed: [] }]

const texts = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', 'z"', '', 'long'.repeat(20)))
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('add' as const), texts }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('remove' as const), texts }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('scrape' as const), pod: fc.constantFrom('p', 'q') }) },
  fc.record({ act: fc.constant('reset' as const) })
)

/** The samples of families as JSON, in the order of their keys. */
const sorted = (families: readonly ParsedFamily[]): string =>
  JSON.stringify([...samplesOf(families)].sort(([a], [b]) => a < b ? -1 : 1))

t.test('exposes the current series of a registry, whatever series are added and removed between scrapes', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
    const registry = new Registry()
    const counter = new CounterFamily({ name: 'c_total', help: 'C', labels: LABELS, maxSeries: 4 })
    const histogram = new HistogramFamily({ name: 'h', help: 'H', labels: LABELS, maxSeries: 4, buckets: [0.5] })
    join(registry, [removableMetric(counter), removableMetric(histogram)])
    const exposition = new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err } })
    for (const step of [...steps, { act: 'scrape', pod: 'p' } as const]) {
      if (step.act === 'add') {
        counter.increase(counter.admit(step.texts), 1)
        histogram.record(histogram.admit(step.texts), 0.5)
      } else if (step.act === 'remove') {
        for (const family of [counter, histogram]) {
          const index = family.table.findByValues(step.texts)
          if (index !== -1) family.remove(index)
        }
      } else if (step.act === 'reset') {
        for (const family of [counter, histogram]) family.reset()
      } else {
        registry.setDefaultLabels({ pod: step.pod })
        const expected = sorted(checkStructure((await registry.metrics()).replaceAll('\n\n', '\n'), 'text'))
        for (const [encoder, format] of [[textEncoder, 'text'], [openMetricsEncoder, 'openmetrics']] as const) {
          const chunks = new ChunkCollector()
          await exposition.write(encoder, null, chunks)
          const actual = sorted(checkStructure(chunks.toString(), format))
          if (actual !== expected) throw new Error(`${actual} is not ${expected}`)
        }
      }
    }
  }), { numRuns: 200 }))
})
