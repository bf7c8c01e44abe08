import t from 'tap'
import type { Test } from 'tap'
import type { MetricDefinition } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readSamples, readMetricValues } from '../fixtures/samples.js'

type ListedLabels = Readonly<Record<string, readonly string[]>>

/** An instance with a gauge `m` that calls `collect`. Returns readers of its samples and counts, and the log lines. */
async function setUp (t: Test, collect: () => unknown, labels: ListedLabels = {}, maxSeries = 10) {
  const { logger, lines } = createCapturingLogger()
  const definition = { type: 'gauge', name: 'm', help: 'M', labels, collect } as MetricDefinition
  const options = { dynoai: false, maxSeries, metricPrefix: '', metrics: { m: definition } }
  const fastify = await createMeasuredFastify(t, options, { logger })
  const { registry } = fastify.metrics
  // Reads one metric alone, which does not call `collect` again.
  const countOf = async (name: string) =>
    (await readMetricValues(registry, name)).find(({ labels }) => labels['metric'] === 'm')?.value
  return {
    fastify,
    lines,
    read: async () =>
      Object.fromEntries(
        Object.entries(await readSamples(registry, 'm')).filter(([name]) => !name.startsWith('metrics_'))
      ),
    scraped: async () => (await fastify.inject('/metrics')).body.split('\n').filter(line => /^m[ {]/.test(line)),
    errors: async () => await countOf('metrics_errors_total'),
    overflows: async () => await countOf('metrics_overflow_total')
  }
}

const LABELS = { queue: [], kind: ['fast', 'slow'] }

t.test('has exactly the series of the rows that collect returns', async t => {
  const scrapes = [
    [{ labels: { queue: 'a', kind: 'fast' }, value: 1 }, { labels: { kind: 'slow', queue: 2 }, value: -0.5 }],
    [{ labels: { queue: 'b', kind: 'fast' }, value: 3 }],
    []
  ]
  const { read, scraped, errors } = await setUp(t, async () => scrapes.shift() ?? [], LABELS)
  t.strictSame(await read(), { 'm{queue="a",kind="fast"}': 1, 'm{queue="2",kind="slow"}': -0.5 })
  t.strictSame(await scraped(), ['m{queue="b",kind="fast"} 3'])
  t.strictSame(await read(), {}, 'no rows, no series')
  t.equal(await errors(), 0)
})

t.test('uses the default of a label that a row leaves out', async t => {
  const definition = {
    type: 'gauge',
    name: 'm',
    help: 'M',
    labels: { queue: [], kind: ['fast'] },
    defaults: { kind: 'fast' },
    collect: () => [{ labels: { queue: 'a' }, value: 1 }]
  } as const
  const fastify = await createMeasuredFastify(t, { dynoai: false, metrics: { m: definition } })
  t.strictSame(await readSamples(fastify.metrics.registry, 'm'), { 'm{queue="a",kind="fast"}': 1 })
})

t.test('leaves out and counts an invalid row, and keeps the others', async t => {
  const good = { labels: { queue: 'good', kind: 'fast' }, value: 1 }
  const labels = { queue: 'a', kind: 'fast' }
  const rows: readonly unknown[] = [
    null, 5, 'x', [], {},
    { labels }, { value: 1 }, { labels, value: NaN }, { labels, value: '1' }, { labels, value: Infinity },
    { labels: { queue: 'a' }, value: 1 }, { labels: { ...labels, kind: 'none' }, value: 1 },
    { labels: { ...labels, more: 'x' }, value: 1 },
    { labels: null, value: 1 }, { labels: { ...labels, get queue () { throw new Error('read') } }, value: 1 },
    { get value () { throw new Error('read') }, labels }, good
  ]
  const { read, errors, lines } = await setUp(t, () => [good, ...rows], LABELS)
  t.strictSame(await read(), { 'm{queue="good",kind="fast"}': 1 })
  t.equal(await errors(), rows.length, 'the last is a duplicate')
  t.match(lines, [{ metric: 'm', msg: /left out/ }])
  t.equal(lines.length, 1)
})

t.test('rejects two rows with labels that are the same in UTF-8', async t => {
  const loneSurrogate = '\uD83D'
  const rows = [loneSurrogate, '\uFFFD'].map((queue, value) => ({ labels: { queue, kind: 'fast' }, value }))
  const { read, errors } = await setUp(t, () => rows, LABELS)
  t.strictSame(await read(), { 'm{queue="\uFFFD",kind="fast"}': 0 })
  t.equal(await errors(), 1)
})

t.test('adds rows beyond maxSeries, and rows with a long label, to the overflow series', async t => {
  const rows = ['a', 'b', 'c', 'd', 'x'.repeat(257)].map(queue => ({ labels: { queue, kind: 'fast' }, value: 2 }))
  const { read, overflows, errors } = await setUp(t, () => rows, LABELS, 2)
  t.strictSame(await read(), {
    'm{queue="a",kind="fast"}': 2, 'm{queue="b",kind="fast"}': 2, 'm{queue="__overflow__",kind="__overflow__"}': 6
  })
  t.strictSame([await errors(), await overflows()], [0, 3])
})

t.test('reads many rows in more than one turn of the event loop', async t => {
  const rows = Array.from({ length: 1600 }, (_, i) => ({ labels: { queue: String(i), kind: 'fast' }, value: i }))
  const { fastify, read } = await setUp(t, () => rows, LABELS, 2000)
  const { m } = fastify.metrics as unknown as { readonly m: { readonly metric: { get (): Promise<unknown> } } }
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await m.metric.get()
  isOver = true
  t.equal(turns, 3)
  t.equal(Object.keys(await read()).length, 1600)
})

t.test('leaves out a row that would make the overflow series infinite', async t => {
  const rows = ['a', 'b', 'c', 'd'].map(queue => ({ labels: { queue, kind: 'fast' }, value: 1.7e308 }))
  const { read, errors } = await setUp(t, () => rows, LABELS, 2)
  t.strictSame(await read(), {
    'm{queue="a",kind="fast"}': 1.7e308,
    'm{queue="b",kind="fast"}': 1.7e308,
    'm{queue="__overflow__",kind="__overflow__"}': 1.7e308
  })
  t.equal(await errors(), 1)
})

t.test('exposes no sample when collect returns neither a number nor an array of rows', async t => {
  const cases: ReadonlyArray<readonly [labels: ListedLabels, collected: unknown]> = [
    [{}, []], [{}, '5'], [{}, undefined], [LABELS, 5], [LABELS, { labels: {}, value: 1 }], [LABELS, undefined]
  ]
  for (const [labels, collected] of cases) {
    const { read, errors } = await setUp(t, () => collected, labels)
    t.strictSame(await read(), {}, JSON.stringify(collected))
    t.equal(await errors(), 1)
  }
})

t.test('counts every call of its handle as an error, and does not throw', async t => {
  const { fastify, errors, read } = await setUp(t, () => [], LABELS)
  type Loose = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
  const { m } = fastify.metrics as unknown as { readonly m: Loose & { readonly metric: Loose } }
  const bound = m['labels']?.({ queue: 'a', kind: 'fast' }) as Loose
  const calls = [m, bound].flatMap(handle => ['set', 'inc', 'dec'].map(method => handle[method]))
  for (const call of calls) call?.(5)
  t.equal(await errors(), 6)
  for (const call of [m['remove'], m.metric['remove'], m.metric['reset']]) {
    t.doesNotThrow(() => call?.({ queue: 'a', kind: 'fast' }))
  }
  t.strictSame(await read(), {})
})
