import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Gauge, Registry } from 'prom-client'
import { Listener } from '../../lib/endpoint/listener.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { runModule } from '../fixtures/run-module.js'
import { samples } from '../fixtures/samples.js'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

const originOf = (address: AddressInfo | null): string => `http://${address?.family === 'IPv6' ? `[${address.address}]` : address?.address}:${address?.port}`

t.test('serves the endpoint on a listener of its own, and not on the application\'s', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK }, path: '/stats' })
  t.equal(fastify.metrics.address, null)
  await fastify.ready()
  t.match(fastify.metrics.address, { address: '127.0.0.1', family: 'IPv4', port: Number })
  const origin = originOf(fastify.metrics.address)
  const response = await fetch(`${origin}/stats`)
  t.equal(response.status, 200)
  checkStructure(await response.text(), 'text')
  t.equal((await fetch(`${origin}/stats`, { method: 'HEAD' })).status, 200)
  t.equal((await fetch(`${origin}/stats`, { method: 'POST', body: '{broken', headers: { 'content-type': 'application/json' } })).status, 405)
  t.equal((await fetch(`${origin}/other`)).status, 404)
  t.equal((await fastify.inject('/stats')).statusCode, 404)
  t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="GET",path="__unmatched__",status="404"}': 1
  }, 'which counts what comes to its path there, and nothing of the own one')
})

t.test('leaves the path to the application, and has the same below a prefix', async t => {
  const scoped = await createMeasuredFastify(t, { enabled: false })
  t.equal(scoped.metrics.address, null)
  const own = createFastify(t)
  let address: AddressInfo | null = null
  own.get('/v1/internal/metrics', async () => 'mine')
  await own.register(async scope => {
    await scope.register(dynoaiMetrics, { endpoint: { listen: LOOPBACK }, prefix: '/internal' })
    scope.addHook('onReady', async () => { address = scope.metrics.address })
  }, { prefix: '/v1' })
  await own.ready()
  t.equal((await own.inject('/v1/internal/metrics')).body, 'mine')
  t.match(await (await fetch(`${originOf(address)}/v1/internal/metrics`)).text(), 'dynoai_app_info')
})

t.test('listens on every address of localhost, unless told otherwise', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: { port: 0 } } })
  await fastify.ready()
  const { port } = fastify.metrics.address ?? { port: 0 }
  t.equal((await fetch(`http://localhost:${port}/metrics`)).status, 200)
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

t.test('listens on every address that a host has, less those that the machine does not have', async t => {
  const addresses = ['192.0.2.1', '127.0.0.1', '127.0.0.2', '127.0.0.1'].map(address => ({ address }))
  const listener = new Listener({ host: 'several', port: 0 }, async () => addresses)
  listener.fastify.get('/', async () => 'served')
  const application = createFastify(t)
  listener.openAndCloseWith(application)
  await application.ready()
  t.equal(listener.address?.address, '127.0.0.1')
  for (const host of ['127.0.0.1', '127.0.0.2']) t.equal(await (await fetch(`http://${host}:${listener.address?.port}/`)).text(), 'served')
})

t.test('takes hooks of the route and the credentials with it', async t => {
  let hooks = 0
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK, bearerToken: 'x', routeOptions: { onRequest: async () => { hooks++ } } } })
  fastify.addHook('onRequest', async () => { throw new Error('of the application') })
  await fastify.ready()
  const url = `${originOf(fastify.metrics.address)}/metrics`
  t.equal((await fetch(url)).status, 401)
  t.equal((await fetch(url, { headers: { authorization: 'Bearer x' } })).status, 200)
  t.equal(hooks, 2)
})

t.test('a port that is in use, and a host that is none, fail ready() and listen()', async t => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const taken = { endpoint: { listen: { host: '127.0.0.1', port } } }
  const fastify = await createMeasuredFastify(t, taken)
  await t.rejects(async () => { await fastify.ready() }, { code: 'EADDRINUSE' })
  const listening = await createMeasuredFastify(t, taken)
  await t.rejects(listen(listening), { code: 'EADDRINUSE' })
  const nowhere = await createMeasuredFastify(t, { endpoint: { listen: { host: '192.0.2.1', port: 0 } } })
  await t.rejects(async () => { await nowhere.ready() }, { code: 'EADDRNOTAVAIL' })
})

t.test('closes with the application, after the last scrape in the air', async t => {
  const { promise: held, resolve: release } = promiseWithResolvers()
  const registry = new Registry()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  registry.registerMetric(new Gauge({ name: 'held', help: 'H', registers: [], async collect () { arrive(); await held; this.set(1) } }))
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen: LOOPBACK } })
  await listen(fastify)
  const origin = originOf(fastify.metrics.address)
  const idle = await openRawConnection(origin)
  idle.write('GET /metrics?name[]=none HTTP/1.1\r\nHost: x\r\n\r\n')
  await readData(idle)
  const scrape = fetch(`${origin}/metrics?name[]=held`)
  await arrived
  let closed = false
  const closing = fastify.close().then(() => { closed = true })
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  t.equal(closed, false)
  await t.rejects(fetch(`${origin}/metrics`), 'it takes no more')
  release()
  t.match(await (await scrape).text(), /^held 1$/m)
  await closing
  await t.rejects(openRawConnection(origin), { code: 'ECONNREFUSED' })
})

t.test('closes after every request of a connection, also where its scraper has left', async t => {
  const { promise: held, resolve: release } = promiseWithResolvers()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  const registry = new Registry()
  registry.registerMetric(new Gauge({ name: 'held', help: 'H', registers: [], async collect () { arrive(); await held; this.set(1) } }))
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen: LOOPBACK } })
  await fastify.ready()
  const origin = originOf(fastify.metrics.address)
  const request = 'GET /metrics?name[]=held HTTP/1.1\r\nHost: x\r\n\r\n'
  const pipelined = await openRawConnection(origin)
  let answers = ''
  pipelined.on('data', data => { answers += String(data) })
  pipelined.write(request + request)
  const leaving = await openRawConnection(origin)
  leaving.write(request)
  await arrived
  leaving.destroy()
  const closing = fastify.close()
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  release()
  await closing
  if (!pipelined.closed) await once(pipelined, 'close')
  t.equal(answers.match(/^held 1$/gm)?.length, 2)
})

t.test('does not wait for connections that ask for nothing', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK } })
  await fastify.ready()
  const origin = originOf(fastify.metrics.address)
  const silent = await openRawConnection(origin)
  const halting = await openRawConnection(origin)
  halting.write('GET /metr')
  await (await fetch(`${origin}/metrics`)).text()
  await fastify.close()
  t.equal(fastify.metrics.address, null)
  for (const socket of [silent, halting]) if (!socket.closed) await once(socket, 'close')
})

t.test('ends itself whole when one of its addresses is taken', async t => {
  const other = createServer()
  other.listen(0, '127.0.0.2')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const listener = new Listener({ host: 'several', port }, async () => ['127.0.0.1', '127.0.0.2'].map(address => ({ address })))
  const application = createFastify(t)
  listener.openAndCloseWith(application)
  await t.rejects(async () => { await application.ready() }, { code: 'EADDRINUSE' })
  t.equal(listener.address, null)
  await t.rejects(openRawConnection(`http://127.0.0.1:${port}`), { code: 'ECONNREFUSED' })
})

t.test('never keeps the process alive, also with a connection that stays open', async t => {
  const script = `
    import Fastify from 'fastify'
    import { connect } from 'node:net'
    import { dynoaiMetrics } from ${JSON.stringify(new URL('../../lib/plugin.js', import.meta.url).href)}
    const fastify = Fastify()
    await fastify.register(dynoaiMetrics, { endpoint: { listen: { host: 'localhost', port: 0 } } })
    await fastify.ready()
    const { port, address } = fastify.metrics.address
    const response = await fetch('http://localhost:' + port + '/metrics')
    await response.text()
    const socket = connect(port, address)
    socket.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
    socket.once('data', () => { socket.unref(); console.log('served') })
  `
  t.strictSame(await runModule(t, script), { exitCode: 0, output: 'served\n' })
})
