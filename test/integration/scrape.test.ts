import { createServer } from 'node:http'
import type { Test } from 'tap'
import { Counter, Gauge, Summary } from 'prom-client'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import type { FormatName, ParsedFamily } from '../fixtures/exposition/parse.js'
import { listDifferences } from '../fixtures/integration/differences.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { startPrometheus } from '../fixtures/integration/prometheus.js'
import type { Prometheus } from '../fixtures/integration/prometheus.js'
import { createLargeRegistry } from '../fixtures/large-registry.js'
import { listenOnLoopback } from '../fixtures/loopback.js'

const TOKEN = 's3cret'

/** The headers of each job. Prometheus itself always prefers OpenMetrics and gzip. */
const JOBS = {
  text: { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'identity' },
  openmetrics: { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'identity' },
  'text-gzip': { accept: '*/*', 'accept-encoding': 'gzip' }
} as const

/** Starts a proxy between Prometheus and the endpoint, which sends the headers of the job that its path names. */
async function startProxy (t: Test, endpoint: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const job = (request.url ?? '').slice(1) as keyof typeof JOBS
    const { headers, body } = await fetch(endpoint, { headers: { ...JOBS[job], authorization: `Bearer ${TOKEN}` } })
    response.writeHead(200, { 'content-type': headers.get('content-type') ?? '' })
    for await (const chunk of body ?? []) response.write(chunk)
    response.end()
  })
  return new URL(await listenOnLoopback(t, server)).host
}

/** Metrics that change between two scrapes. */
const CHANGING = /^(process|nodejs|dynoai_metrics_scrape)/

/** Labels that Prometheus adds. */
const ADDED = ['__name__', 'job', 'instance']

/** Labels whose values are numbers. Prometheus 3 writes them in its own form, such as `1.0` for `1`. */
const NUMERIC = ['le', 'quantile']

/** Returns a key for a series. It omits the labels that Prometheus adds, and empty labels, which Prometheus drops. */
function createKey (name: string, labels: Iterable<readonly [string, string]>): string {
  const kept = [...labels].filter(([label, value]) => !ADDED.includes(label) && value !== '')
    .map(([label, value]) => [label, NUMERIC.includes(label) ? toShortest(value) : value] as const)
  return name + JSON.stringify(kept.sort(([a], [b]) => a < b ? -1 : 1))
}

/** Converts a number to its shortest form. */
const toShortest = (number: string): string => String(Number(number.replace('Inf', 'Infinity')))

/** Formats a number of an exposition as Prometheus does. */
const formatNumber = (value: number): string => String(value).replace('Infinity', 'Inf').replace(/^Inf/, '+Inf')

function listExpected (families: readonly ParsedFamily[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const { samples } of families) {
    for (const { name, labels, value } of samples) {
      if (!CHANGING.test(name)) values.set(createKey(name, labels), formatNumber(value))
    }
  }
  return values
}

async function readStored (prometheus: Prometheus, job: string): Promise<Map<string, string>> {
  const series = await prometheus.query(`{__name__=~".+",job="${job}"}`)
  return new Map(series.flatMap(({ metric, value: [, value] }) => {
    const name = metric['__name__'] ?? ''
    if (CHANGING.test(name) || name === 'up' || name.startsWith('scrape_')) return []
    const number = Number.isFinite(Number(value)) ? String(Number(value)) : value
    return [[createKey(name, Object.entries(metric)), number] as const]
  }))
}

interface Metadata {
  readonly metric: string
  readonly type: string
  readonly help: string
  readonly unit: string
}

testWithEachPrometheus('reads every value, as text, in OpenMetrics and compressed', async (t, program) => {
  const registry = createLargeRegistry(2000)
  const help = 'Says "it",\nall \\ of it'
  const escaped = new Gauge({ name: 'escaped:gauge', help, labelNames: ['text'], registers: [registry] })
  const texts = ['a"b', 'line\nbreak', 'back\\slash', '\\n', 'é🏍', '{},=', ' ']
  for (const [i, text] of texts.entries()) escaped.set({ text }, 10 ** i / 3)
  escaped.set({ text: 'nan' }, NaN)
  escaped.set({ text: 'infinite' }, -Infinity)
  new Counter({ name: 'without_suffix', help: 'W', registers: [registry] }).inc(2)
  new Summary({ name: 'waits', help: 'W', percentiles: [0.5, 1], registers: [registry] }).observe(3)
  const clash = new Gauge({ name: 'clash', help: 'C', registers: [registry] })
  clash.set(4)
  new Counter({ name: 'clash_total', help: 'C', registers: [registry] }).inc(5)

  const fastify = await createMeasuredFastify(t, {
    registry,
    runtimeMetrics: true,
    requests: { sizes: true },
    endpoint: { bearerToken: TOKEN, listen: { host: '127.0.0.1', port: 0 } }
  })
  fastify.get('/api/status/:runId', async (_request, reply) => await reply.code(202).send('ok'))
  fastify.get('/fails', async () => { throw new Error('fails') })
  const application = await listen(fastify)
  for (let i = 0; i < 10; i++) {
    for (const path of ['/api/status/1', '/fails', '/none']) await (await fetch(application + path)).text()
  }
  fastify.metrics.analysisDurationSeconds.observe(0.75)

  const { port = 0 } = fastify.metrics.address ?? {}
  const endpoint = `http://127.0.0.1:${port}/metrics`
  const proxy = await startProxy(t, endpoint)
  // A busy machine needs more than a second for 34,000 samples of each job.
  const throughProxy = [{ targets: [proxy] }]
  const direct = [{ targets: [`127.0.0.1:${port}`] }]
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: '5s', scrape_timeout: '5s' },
    scrape_configs: [
      ...Object.keys(JOBS).map(job => ({ job_name: job, metrics_path: `/${job}`, static_configs: throughProxy })),
      { job_name: 'direct', authorization: { credentials: TOKEN }, static_configs: direct },
      { job_name: 'refused', static_configs: direct }
    ]
  }, { program })

  const formats: Record<FormatName, ParsedFamily[]> = { text: [], openmetrics: [] }
  for (const format of ['text', 'openmetrics'] as const) {
    const response = await fetch(endpoint, { headers: { ...JOBS[format], authorization: `Bearer ${TOKEN}` } })
    formats[format] = checkStructure(await response.text(), format)
  }
  const jobs = [
    ['text', 'text'], ['openmetrics', 'openmetrics'], ['text-gzip', 'text'], ['direct', 'openmetrics']
  ] as const
  for (const [job, format] of jobs) {
    await prometheus.until(`up{job="${job}"} == 1 and on (job) scrape_samples_scraped > 34000`)
    // The timeout is 5 s, but at least one scrape must take less than 1 s.
    await prometheus.until(`min_over_time(scrape_duration_seconds{job="${job}"}[1m]) < 1`)
    const values = listExpected(formats[format])
    t.ok(values.size > 34_000, `${values.size} values`)
    t.strictSame(listDifferences(await readStored(prometheus, job), values), [], job)
  }
  await prometheus.until('up{job="refused"} == 0')

  const metadata = await prometheus.get<Metadata[]>('targets/metadata', { match_target: '{job="openmetrics"}' })
  const known = new Map(metadata.map(({ metric, type, help, unit }) => [metric, { type, help, unit }]))
  for (const { name, type, help, unit = '' } of formats.openmetrics) {
    t.strictSame(known.get(name), { type, help, unit }, name)
  }
  // A refused scrape is in the next scrape of the other job.
  const refused = await prometheus.until('max(dynoai_metrics_scrapes_total{job="direct",status="401"}) > 0')
  t.match(refused, [{}], 'the endpoint counts refused scrapes')
})

testWithEachPrometheus('Prometheus discards a truncated scrape', async (t, program) => {
  const registry = createLargeRegistry(500)
  const fastify = await createMeasuredFastify(t, { registry })
  const origin = await listen(fastify)
  const server = createServer(async (_request, response) => {
    const exposition = await (await fetch(`${origin}/metrics`)).text()
    response.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'transfer-encoding': 'chunked'
    })
    response.write(exposition.slice(0, exposition.lastIndexOf('\n', 200_000) + 1), () => { response.destroy() })
  })
  const { host } = new URL(await listenOnLoopback(t, server))
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'truncated', static_configs: [{ targets: [host] }] }]
  }, { program })
  await prometheus.until('up{job="truncated"} == 0')
  t.strictSame(await prometheus.query('count({job="truncated",__name__=~"large.*"})'), [])
})
