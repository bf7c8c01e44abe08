import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { CollectedFamily } from '../../lib/exposition/check-family.js'
import { Chunks } from '../../lib/exposition/chunks.js'
import type { Sink } from '../../lib/exposition/chunks.js'
import { encodeFamilies, isStored } from '../../lib/exposition/encode-families.js'
import type { ExposedMetric } from '../../lib/exposition/encode-families.js'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { openMetricsEncoder } from '../../lib/exposition/text-encoder.js'
import type { ValuesMetric } from '../../lib/registry/plugin-metric.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import { ChunkCollector } from '../fixtures/exposition/expose.js'

const counter = new CounterFamily({ name: 'c_total', help: 'C' })
const gauge = new GaugeFamily({ name: 'g', help: 'G' })
const histogram = new HistogramFamily({ name: 'h', help: 'H', buckets: [1] })
const values: ValuesMetric = {
  name: 'v', help: 'V', type: 'gauge', labelNames: [], values: () => [{ labels: {}, value: 2 }]
}
const collected: CollectedFamily = { name: 'x', help: 'X', type: 'gauge', rows: [{ value: 3 }], aggregator: 'sum' }

async function encode (metrics: readonly ExposedMetric[], sink: Sink): Promise<void> {
  const scheduler = new Scheduler()
  const chunks = new Chunks(sink, scheduler)
  const common = { encoder: openMetricsEncoder, usedNames: new Set<string>(), defaultLabels: { pod: 'p' } }
  await encodeFamilies(metrics, { ...common, chunks, scheduler, signal: sink.signal })
}

t.test('writes each kind of metric by its type, then the end', async t => {
  const sink = new ChunkCollector()
  await encode([counter, gauge, histogram, values, collected], sink)
  const lines = sink.toString().split('\n')
  t.strictSame(lines.filter(line => line.startsWith('# TYPE')), [
    '# TYPE c counter', '# TYPE g gauge', '# TYPE h histogram', '# TYPE v gauge', '# TYPE x gauge'
  ])
  t.strictSame(lines.slice(-2), ['# EOF', ''])
})

t.test('adds default labels to all metrics but collected ones, which have them already', async t => {
  const sink = new ChunkCollector()
  await encode([gauge, values, collected], sink)
  t.strictSame(sink.toString().split('\n').filter(line => /^\w/.test(line)), ['g{pod="p"} 0', 'v{pod="p"} 2', 'x 3'])
})

t.test('rejects when the signal is aborted during a turn', async t => {
  const abortController = new AbortController()
  const endless = { ...values, * values () { for (;;) yield undefined } }
  const encoding = encode([endless], { signal: abortController.signal, async write () {} })
  await nextTurn()
  abortController.abort(new Error('aborted'))
  await t.rejects(encoding, { message: 'aborted' })
})

t.test('detects metrics whose series are in the store', async t => {
  t.strictSame([counter, gauge, histogram, values, collected].map(isStored), [true, true, true, false, false])
})
