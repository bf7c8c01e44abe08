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

const LABELS = [{ name: 'kind', listed: ['a', 'b'] }, { name: 'user', listed: [] }]

const texts = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', 'z"', '', 'long'.repeat(20)))
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('add' as const), texts }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('remove' as const), texts }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('scrape' as const), pod: fc.constantFrom('p', 'q') }) },
  fc.record({ act: fc.constant('reset' as const) })
)

t.test('whatever series come and go between scrapes, each shows what the registry has', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
    const registry = new Registry()
    const counter = new CounterFamily({ name: 'c_total', help: 'C', labels: LABELS, maxSeries: 4 })
    const histogram = new HistogramFamily({ name: 'h', help: 'H', labels: LABELS, maxSeries: 4, buckets: [0.5] })
    join(registry, [removableMetric(counter), removableMetric(histogram)])
    const exposition = new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err } })
    for (const one of [...steps, { act: 'scrape', pod: 'p' } as const]) {
      if (one.act === 'add') {
        counter.increase(counter.admit(one.texts), 1)
        histogram.record(histogram.admit(one.texts), 0.5)
      } else if (one.act === 'remove') {
        for (const family of [counter, histogram]) {
          const index = family.table.findByValues(one.texts)
          if (index !== -1) family.remove(index)
        }
      } else if (one.act === 'reset') {
        for (const family of [counter, histogram]) family.reset()
      } else {
        registry.setDefaultLabels({ pod: one.pod })
        const expected = samplesOf(checkStructure((await registry.metrics()).replaceAll('\n\n', '\n'), 'text'))
        for (const [encoder, format] of [[textEncoder, 'text'], [openMetricsEncoder, 'openmetrics']] as const) {
          const kept = new ChunkCollector()
          await exposition.write(encoder, null, kept)
          const samples = samplesOf(checkStructure(kept.toString(), format))
          const [is, must] = [samples, expected].map(all => JSON.stringify([...all].sort(([a], [b]) => a < b ? -1 : 1)))
          if (is !== must) throw new Error(`${is} is not ${must}`)
        }
      }
    }
  }), { numRuns: 200 }))
})
