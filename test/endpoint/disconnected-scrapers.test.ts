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
import { listen } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { runModule } from '../fixtures/run-module.js'
import { parseSamples } from '../fixtures/samples.js'
import { waitForScrapes } from '../fixtures/scrapes.js'

/** The default maximum of concurrent scrapes. */
const SCRAPERS = 10

/** The header of a request that waits until its client disconnects. */
const WAITS = 'x-waits'

/** A hook that waits until the client disconnects, if the request has the header. */
async function untilDisconnected ({ raw, headers }: FastifyRequest): Promise<void> {
  if (headers[WAITS] === undefined) return
  const { stream } = raw as { stream?: NodeJS.EventEmitter }
  // Not `once` of node:events: it rejects at an error, which precedes 'close'.
  await new Promise(resolve => { (stream ?? raw.socket).once('close', resolve) })
}

interface Target {
  readonly fastify: FastifyInstance
  readonly origin: string
  /** How often metrics were collected. */
  readonly collected: () => number
}

interface Setup {
  readonly http2?: boolean
  readonly endpoint?: EndpointOptions
  /** The hook of the application in which requests wait. */
  readonly hook?: 'onRequest' | 'preParsing' | 'preValidation' | 'preHandler'
  /** Whether a metric of the application hangs. */
  readonly hangs?: boolean
}

type SetUpTarget = Target & { readonly lines: readonly object[] }

async function setUp (t: Test, { http2 = false, endpoint = {}, hook, hangs = false }: Setup): Promise<SetUpTarget> {
  const { logger, lines } = createCapturingLogger()
  const fastify = (http2 ? Fastify({ logger, http2 }) : Fastify({ logger })) as unknown as FastifyInstance
  t.teardown(() => fastify.close())
  let collected = 0
  const registry = new Registry()
  registry.registerMetric(new Gauge({
    name: 'collected',
    help: 'C',
    registers: [],
    async collect () {
      collected++
      if (hangs) await new Promise(() => {})
    }
  }))
  const options = { registry, runtimeMetrics: false, endpoint: { collectTimeout: 60_000, ...endpoint } }
  await fastify.register(dynoaiMetrics, options)
  if (hook !== undefined) fastify.addHook(hook as 'onRequest', untilDisconnected)
  fastify.get('/slow', async request => {
    await untilDisconnected(request)
    return ''
  })
  fastify.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: x\n\n')
  })
  const applicationOrigin = await listen(fastify)
  const { port } = fastify.metrics.address ?? {}
  const origin = port === undefined ? applicationOrigin : `http://127.0.0.1:${port}`
  return { fastify, origin, collected: () => collected, lines }
}

/** Connects scrapers, sends requests that accept an encoding, and disconnects. */
type Disconnect = (target: Target, encoding: string) => Promise<void>

const requestOf = (line: string, headers: Readonly<Record<string, string>> = {}): string => {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\nHost: x\r\n${fields.join('')}\r\n`
}

/** Waits until a number is as large as expected. */
async function untilReached (number: () => number, expected: number): Promise<void> {
  for (let turn = 0; number() < expected; turn++) {
    if (turn > 100_000) throw new Error(`${number()} of ${expected}`)
    await nextTurn()
  }
}

/** Requests that have arrived at any listener. Their hooks have begun. */
let arrivals = 0
const countArrival = (): void => { arrivals++ }
const countArrivalInHook = async (): Promise<void> => { countArrival() }

interface Sent {
  readonly earlier?: string
  readonly line?: string
}

/**
 * Scrapers that disconnect over HTTP/1. Without an `earlier` request, their scrape waits for the disconnect in a hook.
 * With one, that request waits, and the scrape is pipelined after it.
 */
const overHttp1 = ({ earlier, line = 'GET /metrics' }: Sent = {}): Disconnect => async ({ origin }, encoding) => {
  const waits = { [WAITS]: '1' }
  const text = earlier === undefined
    ? requestOf(line, { 'accept-encoding': encoding, ...waits })
    : requestOf(earlier, waits) + requestOf(line, { 'accept-encoding': encoding })
  const sockets = await Promise.all(Array.from({ length: SCRAPERS }, async () => await openRawConnection(origin)))
  for (const socket of sockets) socket.write(text)
  await untilReached(() => arrivals, (earlier === undefined ? 1 : 2) * SCRAPERS)
  for (const socket of sockets) socket.destroy()
}

const overHttp2 = (code: number): Disconnect => async ({ origin, fastify }, encoding) => {
  const session = connect(origin)
  const headers = { ':path': '/metrics', 'accept-encoding': encoding, [WAITS]: '1' }
  const streams = Array.from({ length: SCRAPERS }, () => session.request(headers))
  for (const stream of streams) stream.on('error', () => {})
  await untilReached(() => arrivals, SCRAPERS)
  for (const stream of streams) stream.close(code)
  await waitForScrapes(fastify.metrics.registry, SCRAPERS)
  session.destroy()
}

const LOOPBACK = { host: '127.0.0.1', port: 0 }
const disconnect = overHttp1()
const afterSlow = overHttp1({ earlier: 'GET /slow' })

interface Case extends Setup {
  readonly disconnect: Disconnect
  /** Whether metrics may be collected for the scrapers that disconnect. */
  readonly collects?: true
}

const CASES: Readonly<Record<string, Case>> = {
  'during a hook of the application': { hook: 'onRequest', disconnect },
  'during preHandler': { hook: 'preHandler', disconnect },
  'during a hook of the route': { endpoint: { routeOptions: { preValidation: untilDisconnected } }, disconnect },
  'during a hook of a separate listener': {
    endpoint: { listen: LOOPBACK, routeOptions: { onRequest: [countArrivalInHook, untilDisconnected] } },
    disconnect
  },
  'while a metric of the application hangs': { hangs: true, collects: true, disconnect },
  'from a separate listener, while a metric hangs': {
    hangs: true,
    collects: true,
    endpoint: { listen: LOOPBACK, routeOptions: { onRequest: countArrivalInHook } },
    disconnect
  },
  'after a slow request': { collects: true, disconnect: afterSlow },
  'after an event stream': { collects: true, disconnect: overHttp1({ earlier: 'GET /events' }) },
  'after a slow request, above the maximum': {
    endpoint: { maxConcurrentScrapes: 1 },
    collects: true,
    disconnect: afterSlow
  },
  'after a slow request, with HEAD': { disconnect: overHttp1({ earlier: 'GET /slow', line: 'HEAD /metrics' }) },
  'after a slow request, with a rejected method': {
    disconnect: overHttp1({ earlier: 'GET /slow', line: 'DELETE /metrics' })
  },
  'after a slow request, without credentials': {
    endpoint: { basicAuth: { username: 'u', password: 'p' } },
    disconnect: afterSlow
  },
  'during a hook, with HEAD': { hook: 'onRequest', disconnect: overHttp1({ line: 'HEAD /metrics' }) },
  'during a hook, with another method': { hook: 'onRequest', disconnect: overHttp1({ line: 'DELETE /metrics' }) },
  'over HTTP/2, with a reset without an error during a hook': {
    http2: true,
    hook: 'onRequest',
    disconnect: overHttp2(0)
  },
  'over HTTP/2, with a reset with an error during a hook': {
    http2: true,
    hook: 'preHandler',
    disconnect: overHttp2(8)
  },
  'over HTTP/2, while a metric hangs': { http2: true, hangs: true, collects: true, disconnect: overHttp2(0) }
}

/** The status of a scrape that does not request the metric that hangs. */
async function statusOfNext ({ origin, fastify }: Target, http2: boolean): Promise<number> {
  const url = '/metrics?name[]=dynoai_app_info'
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
  if (!http2) {
    const response = await fetch(origin + url, { headers: { authorization } })
    await response.text()
    return response.status
  }
  return (await fastify.inject(url)).statusCode
}

for (const [name, { disconnect, collects = false, ...setup }] of Object.entries(CASES)) {
  for (const encoding of ['identity', 'gzip']) {
    t.test(`frees the slots of scrapers that disconnect ${name}, ${encoding}`, async t => {
      arrivals = 0
      const target = await setUp(t, setup)
      const { fastify, collected, lines } = target
      const { registry } = fastify.metrics
      if (setup.endpoint?.listen === undefined) fastify.server.on('request', countArrival)
      await disconnect(target, encoding)
      t.strictSame(await waitForScrapes(registry, SCRAPERS), { 499: SCRAPERS })
      if (!collects) t.equal(collected(), 0, 'no metric is collected')
      t.equal(await statusOfNext(target, setup.http2 ?? false), 200)
      const counted = await waitForScrapes(registry, SCRAPERS + 1)
      t.strictSame(counted, { 200: 1, 499: SCRAPERS }, 'each scrape is counted once')
      const inFlight = await registry.getSingleMetricAsString('dynoai_requests_in_flight')
      t.equal(parseSamples(inFlight).get('dynoai_requests_in_flight'), 0)
      t.strictSame(lines, [], 'no error is logged')
    })
  }
}

t.test('adds at most one listener to a connection, however many scrapes it serves', async t => {
  const { fastify, origin } = await setUp(t, { endpoint: { maxConcurrentScrapes: 100 } })
  const warnings: Error[] = []
  const addWarning = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', addWarning)
  t.teardown(() => process.off('warning', addWarning))
  const connected = once(fastify.server, 'connection')
  const client = await openRawConnection(origin)
  const [socket] = await connected as [NodeJS.EventEmitter]
  const scrape = requestOf('GET /metrics?name[]=none')
  // Other code also adds listeners to a connection, at its first request.
  client.write(scrape)
  await readData(client)
  await waitForScrapes(fastify.metrics.registry, 1)
  const before = socket.listenerCount('close')
  client.resume()
  client.write(scrape.repeat(40))
  await waitForScrapes(fastify.metrics.registry, 41)
  for (let i = 0; i < 20; i++) client.write(scrape)
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 61), { 200: 1 + 40 + 20 })
  t.equal(socket.listenerCount('close'), before)
  client.destroy()
  await nextTurn()
  t.strictSame(warnings, [])
})

t.test('frees the slot of a scrape that is queued after an event stream, when its client is stalled', async t => {
  t.clock.enter()
  const { fastify, origin } = await setUp(t, { endpoint: { maxConcurrentScrapes: 1 } })
  arrivals = 0
  fastify.server.on('request', countArrival)
  let hasBegun = (): boolean => false
  fastify.server.on('request', (_request, response) => { hasBegun = () => response.headersSent })
  const client = await openRawConnection(origin)
  client.write(requestOf('GET /events') + requestOf('GET /metrics'))
  await untilReached(() => arrivals, 2)
  await untilReached(() => Number(hasBegun()), 1)
  const statusOfOther = async (): Promise<number> => {
    const other = await openRawConnection(origin)
    other.write(requestOf('GET /metrics?name[]=none'))
    const response = await readData(other)
    other.destroy()
    return Number(response.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
  }
  t.equal(await statusOfOther(), 503)
  t.clock.advance(STALLED_AFTER)
  await nextTurn()
  t.equal(await statusOfOther(), 200)
  t.equal(client.destroyed, false, 'the connection of the event stream stays open')
  client.destroy()
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 3), { 200: 1, 499: 1, 503: 1 })
})

t.test('does not keep the process running after a client disconnects from a separate listener in a hook', async t => {
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
      console.log('disconnected')
    }
    const listen = { host: '127.0.0.1', port: 0 }
    await fastify.register(dynoaiMetrics, { endpoint: { listen, routeOptions: { onRequest } } })
    await fastify.ready()
    const client = connect(fastify.metrics.address.port, '127.0.0.1')
    client.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'.repeat(3))
  `
  t.strictSame(await runModule(t, script), { exitCode: 0, output: 'disconnected\n' })
})
