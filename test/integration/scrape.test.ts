import { createServer } from 'node:http'
import t from 'tap'
import type { Test } from 'tap'
import { Counter, Gauge, Summary } from 'prom-client'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import type { FormatName, ParsedFamily } from '../fixtures/exposition/parse.js'
import { startPrometheus } from '../fixtures/integration/prometheus.js'
import type { Prometheus } from '../fixtures/integration/prometheus.js'
import { createLargeRegistry } from '../fixtures/large-registry.js'
import { listenOnLoopback } from '../fixtures/loopback.js'

const TOKEN = 's3cret'

/** How each job of Prometheus reads the endpoint; it itself says only that it likes OpenMetrics and gzip best. */
const JOBS = {
  text: { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'identity' },
  openmetrics: { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'identity' },
  'text-gzip': { accept: '*/*', 'accept-encoding': 'gzip' }
} as const

/** Stands between Prometheus and the endpoint, and asks for each path as `JOBS` says. */
async function startNegotiator (t: Test, endpoint: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const job = (request.url ?? '').slice(1) as keyof typeof JOBS
    const { headers, body } = await fetch(endpoint, { headers: { ...JOBS[job], authorization: `Bearer ${TOKEN}` } })
    response.writeHead(200, { 'content-type': headers.get('content-type') ?? '' })
    for await (const chunk of body ?? []) response.write(chunk)
    response.end()
  })
  return new URL(await listenOnLoopback(t, server)).host
}

/** What goes on between two scrapes. */
const MOVING = /^(process|nodejs|dynoai_metrics_scrape)/

/** Series by name and labels, as Prometheus names them: less its own labels, and without labels that are empty. */
const key = (name: string, labels: Iterable<readonly [string, string]>): string =>
  name + JSON.stringify([...labels].filter(([label, value]) => !['__name__', 'job', 'instance'].includes(label) && value !== '').sort(([a], [b]) => a < b ? -1 : 1))

function expected (families: readonly ParsedFamily[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const { samples } of families) {
    for (const { name, labels, value } of samples) {
      if (!MOVING.test(name)) values.set(key(name, labels), String(value).replace('Infinity', 'Inf').replace(/^Inf/, '+Inf'))
    }
  }
  return values
}

async function stored (prometheus: Prometheus, job: string): Promise<Map<string, string>> {
  const series = await prometheus.query(`{__name__=~".+",job="${job}"}`)
  return new Map(series.flatMap(({ metric, value: [, value] }) => {
    const name = metric['__name__'] ?? ''
    const isOwn = MOVING.test(name) || name === 'up' || name.startsWith('scrape_')
    return isOwn ? [] : [[key(name, Object.entries(metric)), Number.isFinite(Number(value)) ? String(Number(value)) : value] as const]
  }))
}

t.setTimeout(180_000)

t.test('a real Prometheus reads every value, in text, in OpenMetrics and compressed', async t => {
  const registry = createLargeRegistry(2000)
  const nasty = new Gauge({ name: 'nasty:gauge', help: 'Says "it",\nall \\ of it', labelNames: ['text'], registers: [registry] })
  for (const [i, text] of ['a"b', 'line\nbreak', 'back\\slash', '\\n', 'é🏍', '{},=', ' '].entries()) nasty.set({ text }, 10 ** i / 3)
  nasty.set({ text: 'nan' }, NaN)
  nasty.set({ text: 'infinite' }, -Infinity)
  new Counter({ name: 'without_suffix', help: 'W', registers: [registry] }).inc(2)
  new Summary({ name: 'waits', help: 'W', percentiles: [0.5, 1], registers: [registry] }).observe(3)
  const clash = new Gauge({ name: 'clash', help: 'C', registers: [registry] })
  clash.set(4)
  new Counter({ name: 'clash_total', help: 'C', registers: [registry] }).inc(5)

  const fastify = await createMeasuredFastify(t, {
    registry, runtimeMetrics: true, requests: { sizes: true }, endpoint: { bearerToken: TOKEN, listen: { host: '127.0.0.1', port: 0 } }
  })
  fastify.get('/api/status/:runId', async (_request, reply) => await reply.code(202).send('ok'))
  fastify.get('/fails', async () => { throw new Error('fails') })
  const application = await listen(fastify)
  for (let i = 0; i < 30; i++) await (await fetch(`${application}${['/api/status/1', '/fails', '/none'][i % 3]}`)).text()
  fastify.metrics.analysisDurationSeconds.observe(0.75)

  const { port = 0 } = fastify.metrics.address ?? {}
  const endpoint = `http://127.0.0.1:${port}/metrics`
  const negotiator = await startNegotiator(t, endpoint)
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      ...Object.keys(JOBS).map(job => ({ job_name: job, metrics_path: `/${job}`, static_configs: [{ targets: [negotiator] }] })),
      { job_name: 'direct', authorization: { credentials: TOKEN }, static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
      { job_name: 'refused', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }
    ]
  })

  const formats: Record<FormatName, ParsedFamily[]> = { text: [], openmetrics: [] }
  for (const format of ['text', 'openmetrics'] as const) {
    const response = await fetch(endpoint, { headers: { ...JOBS[format], authorization: `Bearer ${TOKEN}` } })
    formats[format] = checkStructure(await response.text(), format)
  }
  for (const [job, format] of [['text', 'text'], ['openmetrics', 'openmetrics'], ['text-gzip', 'text'], ['direct', 'openmetrics']] as const) {
    await prometheus.until(`up{job="${job}"} == 1 and on (job) scrape_samples_scraped > 34000`)
    const values = expected(formats[format])
    t.ok(values.size > 34_000, `${values.size} values`)
    t.strictSame(await stored(prometheus, job), values, job)
  }
  await prometheus.until('up{job="refused"} == 0')

  const metadata = await prometheus.get<ReadonlyArray<{ readonly metric: string, readonly type: string, readonly help: string, readonly unit: string }>>('targets/metadata', { match_target: '{job="openmetrics"}' })
  const known = new Map(metadata.map(({ metric, type, help, unit }) => [metric, { type, help, unit }]))
  for (const { name, type, help, unit = '' } of formats.openmetrics) t.strictSame(known.get(name), { type, help, unit }, name)
  t.match(await prometheus.query('max(dynoai_metrics_scrapes_total{job="direct",status="401"}) > 0'), [{}], 'the endpoint has counted whom it refused')
})

t.test('a real Prometheus takes a scrape that is cut off for none at all', async t => {
  const registry = createLargeRegistry(500)
  const fastify = await createMeasuredFastify(t, { registry })
  const origin = await listen(fastify)
  const server = createServer(async (_request, response) => {
    const whole = await (await fetch(`${origin}/metrics`)).text()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'transfer-encoding': 'chunked' })
    response.write(whole.slice(0, whole.lastIndexOf('\n', 200_000) + 1), () => { response.destroy() })
  })
  const { host } = new URL(await listenOnLoopback(t, server))
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'cut', static_configs: [{ targets: [host] }] }]
  })
  await prometheus.until('up{job="cut"} == 0')
  t.strictSame(await prometheus.query('count({job="cut",__name__=~"large.*"})'), [])
})
