import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { dynoaiMetrics } from '../lib/plugin.js'
import type { DynoaiMetricsOptions } from '../lib/types/index.js'
import { createFastify, createMeasuredFastify } from './fixtures/app.js'
import { checkStructure } from './fixtures/exposition/check-structure.js'
import type { ParsedSample } from './fixtures/exposition/parse.js'
import { registerMetric } from './fixtures/register-metric.js'

/** Texts that differ in JavaScript but are the same in UTF-8, by their form in UTF-8. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['\uFFFD', ['\uFFFD', '\uD800', '\uDBFF', '\uDC00', '\uDFFF']],
  ['\uFFFD\uFFFD', ['\uDE80\uD83D', '\uD83D\uD83D', '\uDC00\uFFFD', '\uFFFD\uFFFD']],
  ['\uFFFDend', ['\uDE80end', '\uD83Dend']],
  ['cafe\uFFFD', ['cafe🚀'.slice(0, 5), 'cafe🛸'.slice(0, 4) + '\uDEF8', 'cafe\uFFFD']],
  ['a\uFFFDb🚀', ['a\uD83Db🚀', 'a\uDE80b🚀']],
  ['🚀', ['🚀', '\uD83D\uDE80']]
])
const TEXTS = [...GROUPS.values()].flat()

t.test('the texts of a group are the same in UTF-8', async t => {
  for (const [text, group] of GROUPS) {
    for (const one of group) t.equal(Buffer.from(one).toString(), text)
  }
})

/** The samples of a name. Checks that no series is exposed twice and that no metric failed, in both formats. */
async function samplesOf (t: Test, fastify: FastifyInstance, name: string): Promise<ParsedSample[]> {
  const formats = [['text', 'text/plain'], ['openmetrics', 'application/openmetrics-text']] as const
  const found: ParsedSample[][] = []
  for (const [format, accept] of formats) {
    const { rawPayload } = await fastify.inject({ url: '/metrics', headers: { accept } })
    const families = checkStructure(rawPayload.toString(), format)
    const samples = families.flatMap(({ samples }) => samples)
    t.notOk(samples.some(({ name, value }) => name === 'dynoai_metrics_errors_total' && value > 0), 'nothing failed')
    found.push(samples.filter(sample => sample.name === name))
  }
  t.strictSame(found[1]?.map(({ value }) => value), found[0]?.map(({ value }) => value))
  return found[0] ?? []
}

/** The value of each series, by a label. */
const countsOf = (samples: readonly ParsedSample[], label: string): Record<string, number> =>
  Object.fromEntries(samples.map(({ labels, value }) => [labels.get(label), value]))

const EXPECTED = Object.fromEntries([...GROUPS].map(([text, group]) => [text, group.length]))

t.test('labels of business metrics that are the same in UTF-8 have one series', async t => {
  const labels = { room: [] }
  const fastify = await createMeasuredFastify(t, {
    maxSeries: GROUPS.size,
    dynoai: false,
    metrics: {
      callsTotal: { type: 'counter', help: 'Calls', labels },
      load: { type: 'gauge', help: 'Load', labels },
      waitSeconds: { type: 'histogram', help: 'Wait', labels, buckets: [1] }
    }
  })
  const { callsTotal, load, waitSeconds } = fastify.metrics as unknown as {
    callsTotal: { inc (labels: object): void }
    load: { labels (labels: object): { inc (): void } }
    waitSeconds: { observe (labels: object, value: number): void }
  }
  for (const room of TEXTS) {
    callsTotal.inc({ room })
    load.labels({ room: [room] }).inc()
    waitSeconds.observe({ room: { toString: () => room } }, 0.5)
  }
  t.same(countsOf(await samplesOf(t, fastify, 'dynoai_calls_total'), 'room'), EXPECTED)
  t.same(countsOf(await samplesOf(t, fastify, 'dynoai_load'), 'room'), EXPECTED)
  t.same(countsOf(await samplesOf(t, fastify, 'dynoai_wait_seconds_count'), 'room'), EXPECTED)
})

t.test('compares listed values and defaults in UTF-8', async t => {
  for (const group of GROUPS.values()) {
    const [one = '', other = one] = group
    const define = (labels: Record<string, string[]>, defaults = {}): DynoaiMetricsOptions =>
      ({ metrics: { callsTotal: { type: 'counter', help: 'Calls', labels, defaults } } })
    const twice = createFastify(t).register(dynoaiMetrics, { runtimeMetrics: false, ...define({ room: [one, other] }) })
    await t.rejects(Promise.resolve(twice), { message: /lists a value of the label 'room' twice/ })

    const fastify = await createMeasuredFastify(t, define({ room: [one], free: [] }, { room: other, free: other }))
    const { callsTotal } = fastify.metrics as unknown as { callsTotal: { inc (labels?: object): void } }
    callsTotal.inc()
    for (const text of group) callsTotal.inc({ room: text, free: text })
    const samples = await samplesOf(t, fastify, 'dynoai_calls_total')
    t.strictSame(samples.map(({ value }) => value), [group.length + 1])
  }
})

t.test('labels of requests that are the same in UTF-8 have one series', async t => {
  const fastify = await createMeasuredFastify(t, {
    maxSeries: GROUPS.size,
    dynoai: false,
    requests: { sizes: true, labels: { tenant: request => TEXTS[Number((request.query as { i?: string }).i)] ?? '' } }
  })
  fastify.get('/', async () => 'ok')
  for (const i of TEXTS.keys()) await fastify.inject(`/?i=${i}`)
  const samples = await samplesOf(t, fastify, 'dynoai_request_duration_seconds_count')
  t.same(countsOf(samples.filter(({ labels }) => labels.get('path') === '/'), 'tenant'), EXPECTED)
})

t.test('paths and fixed labels of routes that are the same in UTF-8 have one series', async t => {
  for (const field of ['path', 'tenant'] as const) {
    const fastify = await createMeasuredFastify(t, { requests: { sizes: true, labels: { tenant: () => 'none' } } })
    for (const [i, text] of TEXTS.entries()) {
      const metrics = field === 'path' ? { path: text } : { path: '/', labels: { tenant: text } }
      fastify.get(`/${i}`, { config: { metrics } }, async () => { throw new Error('fails') })
    }
    for (const i of TEXTS.keys()) await fastify.inject(`/${i}`)
    const counted = async (name: string) => {
      const samples = await samplesOf(t, fastify, name)
      return countsOf(samples.filter(({ labels }) => labels.get('path') !== '/metrics'), field)
    }
    t.same(await counted('dynoai_request_duration_seconds_count'), EXPECTED)
    if (field === 'tenant') continue
    t.same(await counted('dynoai_request_exceptions_total'), EXPECTED)
    t.same(await counted('dynoai_request_size_bytes_count'), EXPECTED)
  }
})

t.test('routes with templates that are the same in UTF-8 have one series, and each can be ignored', async t => {
  const templates = ['/a\uD83D', '/a\uFFFD', '/b\uD83D', '/b\uFFFD']
  const ignore = ['/b\uD83D']
  // No client can request a lone surrogate.
  const rewriteUrl = ({ url = '' }: { readonly url?: string | undefined }): string =>
    templates[Number(url.slice(1))] ?? url
  const fastify = await createMeasuredFastify(t, { requests: { ignore } }, { rewriteUrl })
  for (const url of templates) fastify.get(url, async request => request.routeOptions.url === url)
  for (const i of templates.keys()) t.equal((await fastify.inject(`/${i}`)).body, 'true')
  const samples = await samplesOf(t, fastify, 'dynoai_request_duration_seconds_count')
  t.strictSame(countsOf(samples, 'path'), { '/a\uFFFD': 2, '/b\uFFFD': 1 })
})

t.test('converts labels in options to UTF-8', async t => {
  for (const [text, group] of GROUPS) {
    for (const one of group) {
      const registry = new Registry()
      const appInfo = { version: one, region: one }
      const fastify = await createMeasuredFastify(t, { registry, appInfo, defaultLabels: { pod: one } })
      const [info] = await samplesOf(t, fastify, 'dynoai_app_info')
      t.strictSame(['version', 'region', 'pod'].map(name => info?.labels.get(name)), [text, text, text])
      // Other readers of the registry get no lone surrogate.
      t.notMatch(JSON.stringify(await registry.getMetricsAsJSON()), /\\ud[89a-f]/i)
    }
  }
})

t.test('exposes series of external metrics that are the same in UTF-8 once', async t => {
  for (const [text, group] of GROUPS) {
    const registry = new Registry()
    const fastify = await createMeasuredFastify(t, { registry })
    registry.setDefaultLabels({ pod: group[0] ?? '' })
    const settings = { help: `Help ${group[0]}`, labelNames: ['room'], registers: [registry] }
    const counter = new Counter({ ...settings, name: 'external_total' })
    const gauge = new Gauge({ ...settings, name: 'external' })
    const histogram = new Histogram({ ...settings, name: 'external_seconds', buckets: [1] })
    const summary = new Summary({ ...settings, name: 'external_summary' })
    const rooms = new Set(group)
    for (const room of rooms) {
      counter.inc({ room })
      gauge.inc({ room })
    }
    histogram.observe({ room: group[0] ?? '' }, 1)
    summary.observe({ room: group[0] ?? '' }, 1)
    const { body } = await fastify.inject('/metrics')
    const all = checkStructure(body, 'text').flatMap(({ samples }) => samples)
    const samples = all.filter(({ name }) => name.startsWith('external'))
    t.ok(samples.every(({ labels }) => labels.get('room') === text && labels.get('pod') === text))
    t.strictSame(samples.filter(({ name }) => /^external(_total)?$/.test(name)).map(({ value }) => value), [1, 1])
  }
})

t.test('counts names of failing metrics that are the same in UTF-8 as one', async t => {
  const registry = new Registry()
  const fastify = await createMeasuredFastify(t, { registry })
  for (const text of new Set(GROUPS.get('\uFFFD'))) {
    const metric = { name: text, type: 'gauge', help: '', get: async () => ({ values: [] }) }
    registerMetric(registry, metric)
  }
  await fastify.inject('/metrics')
  const { body } = await fastify.inject('/metrics')
  const errors = checkStructure(body, 'text').flatMap(({ samples }) => samples)
    .filter(({ name, labels }) => name === 'dynoai_metrics_errors_total' && labels.get('metric') === '\uFFFD')
  t.equal(errors.length, 1)
  t.notMatch(body, /metric="dynoai_metrics_errors_total"/)
})
