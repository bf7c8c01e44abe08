import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import t from 'tap'
import type { Test } from 'tap'
import { STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { EndpointOptions } from '../../lib/types/index.js'
import { root } from '../fixtures/root.js'
import { listen } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { parseSamples } from '../fixtures/samples.js'
import { waitForScrapes } from '../fixtures/scrapes.js'

/** As many as can scrape at a time by default. */
const SCRAPERS = 10

/** A header of requests that are held until their client leaves. */
const HELD = 'x-held'

/** Waits until the client of a request has left, if it is one that is to leave. */
async function untilLeft ({ raw, headers }: FastifyRequest): Promise<void> {
  if (headers[HELD] === undefined) return
  const { stream } = raw as { stream?: NodeJS.EventEmitter }
  // Without regard to an error, which comes before it.
  await new Promise(resolve => { (stream ?? raw.socket).once('close', resolve) })
}

interface Scraped {
  readonly fastify: FastifyInstance
  readonly origin: string
  /** How often metrics were collected. */
  readonly collected: () => number
}

interface Setup {
  readonly http2?: boolean
  readonly endpoint?: EndpointOptions
  /** The hook in which the application holds requests. */
  readonly hook?: 'onRequest' | 'preParsing' | 'preValidation' | 'preHandler'
  /** Whether a metric of the application never comes. */
  readonly hangs?: boolean
}

async function setUp (t: Test, { http2 = false, endpoint = {}, hook, hangs = false }: Setup): Promise<Scraped & { readonly lines: readonly object[] }> {
  const { logger, lines } = createCapturingLogger()
  const fastify = (http2 ? Fastify({ logger, http2 }) : Fastify({ logger })) as unknown as FastifyInstance
  t.teardown(() => fastify.close())
  let collected = 0
  const registry = new Registry()
  registry.registerMetric(new Gauge({
    name: 'held',
    help: 'H',
    registers: [],
    async collect () {
      collected++
      if (hangs) await new Promise(() => {})
    }
  }))
  await fastify.register(dynoaiMetrics, { registry, runtimeMetrics: false, endpoint: { collectTimeout: 60_000, ...endpoint } })
  if (hook !== undefined) fastify.addHook(hook as 'onRequest', async (request: FastifyRequest) => { await untilLeft(request) })
  fastify.get('/slow', async request => {
    await untilLeft(request)
    return ''
  })
  fastify.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: x\n\n')
  })
  const application = await listen(fastify)
  const { port } = fastify.metrics.address ?? {}
  return { fastify, origin: port === undefined ? application : `http://127.0.0.1:${port}`, collected: () => collected, lines }
}

/** Makes scrapers come and leave. */
type Leave = (scraped: Scraped, encoding: string) => Promise<void>

const request = (line: string, headers: Readonly<Record<string, string>> = {}): string =>
  `${line} HTTP/1.1\r\nHost: x\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

/** Clients that send this, wait for what comes before they leave, and leave. */
const leaveOverHttp1 = (text: (encoding: string) => string, until: (scraped: Scraped) => Promise<void>): Leave => async (scraped, encoding) => {
  const sockets = await Promise.all(Array.from({ length: SCRAPERS }, async () => await openRawConnection(scraped.origin)))
  for (const socket of sockets) socket.write(text(encoding))
  await until(scraped)
  for (const socket of sockets) socket.destroy()
}

/** Waits until a number has grown to what is expected. */
async function reaches (number: () => number, expected: number): Promise<void> {
  for (let turn = 0; number() < expected; turn++) {
    if (turn > 100_000) throw new Error(`${number()} of ${expected}`)
    await nextTurn()
  }
}

/** Requests by the time that their hooks run, of any listener. */
let arrivals = 0
const countArrival = async (): Promise<void> => { arrivals++ }
const all = (each: number) => async (): Promise<void> => { await reaches(() => arrivals, each * SCRAPERS) }

const scrape = (encoding: string, line = 'GET /metrics', held = true): string => request(line, { 'accept-encoding': encoding, ...(held && { [HELD]: '1' }) })

const overHttp2 = (code: number): Leave => async ({ origin, fastify }, encoding) => {
  const session = connect(origin)
  const streams = Array.from({ length: SCRAPERS }, () => session.request({ ':path': '/metrics', 'accept-encoding': encoding, [HELD]: '1' }))
  for (const stream of streams) stream.on('error', () => {})
  await reaches(() => arrivals, SCRAPERS)
  for (const stream of streams) stream.close(code)
  await waitForScrapes(fastify.metrics.registry, SCRAPERS)
  session.destroy()
}

const LOOPBACK = { host: '127.0.0.1', port: 0 }
const behind = (earlier: string, line: string) => (encoding: string): string =>
  request(earlier, { [HELD]: '1' }) + scrape(encoding, line, false)

const refused = { basicAuth: { username: 'u', password: 'p' } }
const hooked = { listen: LOOPBACK, routeOptions: { onRequest: [countArrival, untilLeft] } }
const counted = { listen: LOOPBACK, routeOptions: { onRequest: countArrival } }
const leaves = leaveOverHttp1(scrape, all(1))
const leavesBehind = (earlier: string, line = 'GET /metrics'): Leave => leaveOverHttp1(behind(earlier, line), all(2))

interface Case extends Setup {
  readonly leave: Leave
  /** Whether metrics may have been collected for those that leave. */
  readonly collects?: true
}

const CASES: Readonly<Record<string, Case>> = {
  'during a hook of the application': { hook: 'onRequest', leave: leaves },
  'during preHandler': { hook: 'preHandler', leave: leaves },
  'during a hook of the route': { endpoint: { routeOptions: { preValidation: untilLeft } }, leave: leaves },
  'during a hook of an own listener': { endpoint: hooked, leave: leaves },
  'while a metric of the application hangs': { hangs: true, collects: true, leave: leaves },
  'on an own listener, while a metric hangs': { hangs: true, collects: true, endpoint: counted, leave: leaves },
  'behind a slow request': { collects: true, leave: leavesBehind('GET /slow') },
  'behind an event stream': { collects: true, leave: leavesBehind('GET /events') },
  'behind a slow request, one too many': { endpoint: { maxConcurrentScrapes: 1 }, collects: true, leave: leavesBehind('GET /slow') },
  'behind a slow request, with HEAD': { leave: leavesBehind('GET /slow', 'HEAD /metrics') },
  'behind a slow request, refused for their method': { leave: leavesBehind('GET /slow', 'DELETE /metrics') },
  'behind a slow request, refused for their credentials': { endpoint: refused, leave: leavesBehind('GET /slow') },
  'during a hook, with HEAD': { hook: 'onRequest', leave: leaveOverHttp1(encoding => scrape(encoding, 'HEAD /metrics'), all(1)) },
  'during a hook, with another method': { hook: 'onRequest', leave: leaveOverHttp1(encoding => scrape(encoding, 'DELETE /metrics'), all(1)) },
  'over HTTP/2, reset without an error during a hook': { http2: true, hook: 'onRequest', leave: overHttp2(0) },
  'over HTTP/2, reset with an error during a hook': { http2: true, hook: 'preHandler', leave: overHttp2(8) },
  'over HTTP/2, while a metric hangs': { http2: true, hangs: true, collects: true, leave: overHttp2(0) }
}

/** The status of a scrape that does not wait for the metric that hangs. */
async function statusOfNext ({ origin, fastify }: Scraped, http2: boolean): Promise<number> {
  const url = '/metrics?name[]=dynoai_app_info'
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
  if (!http2) {
    const response = await fetch(origin + url, { headers: { authorization } })
    await response.text()
    return response.status
  }
  return (await fastify.inject(url)).statusCode
}

for (const [name, { leave, collects = false, ...setup }] of Object.entries(CASES)) {
  for (const encoding of ['identity', 'gzip']) {
    t.test(`keeps no place for scrapers that leave ${name}, ${encoding}`, async t => {
      arrivals = 0
      const scraped = await setUp(t, setup)
      const { fastify, collected, lines } = scraped
      if (setup.endpoint?.listen === undefined) fastify.server.on('request', countArrival)
      await leave(scraped, encoding)
      t.strictSame(await waitForScrapes(fastify.metrics.registry, SCRAPERS), { 499: SCRAPERS })
      if (!collects) t.equal(collected(), 0, 'nothing is collected for them')
      t.equal(await statusOfNext(scraped, setup.http2 ?? false), 200)
      t.strictSame(await waitForScrapes(fastify.metrics.registry, SCRAPERS + 1), { 200: 1, 499: SCRAPERS }, 'each is counted once')
      t.equal(parseSamples(await fastify.metrics.registry.getSingleMetricAsString('dynoai_requests_in_flight')).get('dynoai_requests_in_flight'), 0)
      t.strictSame(lines, [], 'which is no error')
    })
  }
}

t.test('holds no more than a listener for each connection, however many scrapes it brings', async t => {
  const { fastify, origin } = await setUp(t, { endpoint: { maxConcurrentScrapes: 100 } })
  const warnings: Error[] = []
  const warned = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const connected = once(fastify.server, 'connection')
  const client = await openRawConnection(origin)
  const [served] = await connected as [NodeJS.EventEmitter]
  // The first request adds the listeners that others keep for a connection.
  client.write(request('GET /metrics?name[]=none'))
  await readData(client)
  await waitForScrapes(fastify.metrics.registry, 1)
  const before = served.listenerCount('close')
  client.resume()
  client.write(request('GET /metrics?name[]=none').repeat(40))
  await waitForScrapes(fastify.metrics.registry, 41)
  for (let i = 0; i < 20; i++) client.write(request('GET /metrics?name[]=none'))
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 61), { 200: 1 + 40 + 20 })
  t.equal(served.listenerCount('close'), before)
  client.destroy()
  await nextTurn()
  t.strictSame(warnings, [])
})

t.test('gives a place free that is held behind an event stream, when the scraper takes nothing for too long', async t => {
  t.clock.enter()
  const { fastify, origin } = await setUp(t, { endpoint: { maxConcurrentScrapes: 1 } })
  arrivals = 0
  fastify.server.on('request', countArrival)
  let hasBegun = (): boolean => false
  fastify.server.on('request', (_request, response) => { hasBegun = () => response.headersSent })
  const client = await openRawConnection(origin)
  client.write(request('GET /events') + request('GET /metrics'))
  await reaches(() => arrivals, 2)
  await reaches(() => Number(hasBegun()), 1)
  const next = async (): Promise<number> => {
    const other = await openRawConnection(origin)
    other.write(request('GET /metrics?name[]=none'))
    const answer = await readData(other)
    other.destroy()
    return Number(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
  }
  t.equal(await next(), 503)
  t.clock.advance(STALLED_AFTER)
  await nextTurn()
  t.equal(await next(), 200)
  t.equal(client.destroyed, false, 'and leaves the event stream alone')
  client.destroy()
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 3), { 200: 1, 499: 1, 503: 1 })
})

t.test('lets a process end whose own listener was left during a hook, and behind another request', async t => {
  const script = `
    import { connect } from 'node:net'
    import Fastify from 'fastify'
    import { dynoaiMetrics } from ${JSON.stringify(new URL('../../lib/plugin.js', import.meta.url).href)}
    const fastify = Fastify()
    let sockets = []
    const onRequest = async request => {
      sockets.push(request.raw.socket)
      if (sockets.length < 3) return
      client.destroy()
      for (const socket of sockets) if (!socket.closed) await new Promise(resolve => { socket.once('close', resolve) })
      console.log('left')
    }
    await fastify.register(dynoaiMetrics, { endpoint: { listen: { host: '127.0.0.1', port: 0 }, routeOptions: { onRequest } } })
    await fastify.ready()
    const client = connect(fastify.metrics.address.port, '127.0.0.1')
    client.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'.repeat(3))
  `
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  let output = ''
  child.stdout.on('data', data => { output += String(data) })
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.equal(output, 'left\n')
})
