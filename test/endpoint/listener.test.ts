import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { Listener } from '../../lib/endpoint/listener.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, createMeasuredFastify, listen } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { openRawConnection, readData } from '../fixtures/raw-client.js'
import { runModule } from '../fixtures/run-module.js'
import { readSamples } from '../fixtures/samples.js'
import { createSlowMetric } from '../fixtures/slow-metric.js'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

function originOf (address: AddressInfo | null): string {
  const host = address?.family === 'IPv6' ? `[${address.address}]` : address?.address
  return `http://${host}:${address?.port}`
}

/** Opens a server on a host that the test closes, and returns its port. */
async function openServer (t: Test, host: string): Promise<number> {
  const server = createServer()
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('serves the endpoint on a separate listener, and not on that of the application', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK }, path: '/stats' })
  t.equal(fastify.metrics.address, null)
  await fastify.ready()
  t.match(fastify.metrics.address, { address: '127.0.0.1', family: 'IPv4', port: Number })
  const origin = originOf(fastify.metrics.address)
  const response = await fetch(`${origin}/stats`)
  t.equal(response.status, 200)
  checkStructure(await response.text(), 'text')
  t.equal((await fetch(`${origin}/stats`, { method: 'HEAD' })).status, 200)
  const post = { method: 'POST', body: '{broken', headers: { 'content-type': 'application/json' } }
  t.equal((await fetch(`${origin}/stats`, post)).status, 405)
  t.equal((await fetch(`${origin}/other`)).status, 404)
  t.equal((await fastify.inject('/stats')).statusCode, 404)
  t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="GET",path="__unmatched__",status="404"}': 1
  }, 'only the request to the listener of the application is measured')
})

t.test('has no address when the plugin is disabled', async t => {
  const fastify = await createMeasuredFastify(t, { enabled: false })
  t.equal(fastify.metrics.address, null)
})

t.test('does not occupy the path in the application, and keeps the prefix of its scope', async t => {
  const fastify = createFastify(t)
  let address: AddressInfo | null = null
  fastify.get('/v1/internal/metrics', async () => 'application')
  await fastify.register(async scope => {
    await scope.register(dynoaiMetrics, { endpoint: { listen: LOOPBACK }, prefix: '/internal' })
    scope.addHook('onReady', async () => { address = scope.metrics.address })
  }, { prefix: '/v1' })
  await fastify.ready()
  t.equal((await fastify.inject('/v1/internal/metrics')).body, 'application')
  t.match(await (await fetch(`${originOf(address)}/v1/internal/metrics`)).text(), 'dynoai_app_info')
})

t.test('listens on every address of localhost by default', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: { port: 0 } } })
  await fastify.ready()
  const { port } = fastify.metrics.address ?? { port: 0 }
  t.equal((await fetch(`http://localhost:${port}/metrics`)).status, 200)
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

t.test('listens on every address of a host that the machine has', async t => {
  const addresses = ['192.0.2.1', '127.0.0.1', '127.0.0.2', '127.0.0.1'].map(address => ({ address }))
  const listener = new Listener({ host: 'several', port: 0 }, async () => addresses)
  listener.fastify.get('/', async () => 'served')
  const application = createFastify(t)
  listener.openAndCloseWith(application)
  await application.ready()
  t.equal(listener.address?.address, '127.0.0.1')
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const response = await fetch(`http://${host}:${listener.address?.port}/`)
    t.equal(await response.text(), 'served')
  }
})

t.test('applies the hooks of the route and the credentials, and no hooks of the application', async t => {
  let hooks = 0
  const routeOptions = { onRequest: async () => { hooks++ } }
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK, bearerToken: 'x', routeOptions } })
  fastify.addHook('onRequest', async () => { throw new Error('a hook of the application') })
  await fastify.ready()
  const url = `${originOf(fastify.metrics.address)}/metrics`
  t.equal((await fetch(url)).status, 401)
  t.equal((await fetch(url, { headers: { authorization: 'Bearer x' } })).status, 200)
  t.equal(hooks, 2)
})

t.test('rejects ready() and listen() when the port is in use or the machine does not have the address', async t => {
  const port = await openServer(t, '127.0.0.1')
  const options = { endpoint: { listen: { host: '127.0.0.1', port } } }
  const readying = await createMeasuredFastify(t, options)
  await t.rejects(async () => { await readying.ready() }, { code: 'EADDRINUSE' })
  const listening = await createMeasuredFastify(t, options)
  await t.rejects(listen(listening), { code: 'EADDRINUSE' })
  const elsewhere = await createMeasuredFastify(t, { endpoint: { listen: { host: '192.0.2.1', port: 0 } } })
  await t.rejects(async () => { await elsewhere.ready() }, { code: 'EADDRNOTAVAIL' })
})

t.test('closes with the application, after the last scrape in flight', async t => {
  const { registry, started, finish } = createSlowMetric()
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen: LOOPBACK } })
  await listen(fastify)
  const origin = originOf(fastify.metrics.address)
  const idle = await openRawConnection(origin)
  idle.write('GET /metrics?name[]=none HTTP/1.1\r\nHost: x\r\n\r\n')
  await readData(idle)
  const scrape = fetch(`${origin}/metrics?name[]=slow`)
  await started
  let closed = false
  const closing = fastify.close().then(() => { closed = true })
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  t.equal(closed, false)
  await t.rejects(fetch(`${origin}/metrics`), 'new requests are rejected')
  finish()
  t.match(await (await scrape).text(), /^slow 1$/m)
  await closing
  await t.rejects(openRawConnection(origin), { code: 'ECONNREFUSED' })
})

t.test('closes after every pipelined request, also when another scraper has disconnected', async t => {
  const { registry, started, finish } = createSlowMetric()
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen: LOOPBACK } })
  await fastify.ready()
  const origin = originOf(fastify.metrics.address)
  const request = 'GET /metrics?name[]=slow HTTP/1.1\r\nHost: x\r\n\r\n'
  const pipelined = await openRawConnection(origin)
  let received = ''
  pipelined.on('data', data => { received += String(data) })
  pipelined.write(request + request)
  const disconnecting = await openRawConnection(origin)
  disconnecting.write(request)
  await started
  disconnecting.destroy()
  const closing = fastify.close()
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  finish()
  await closing
  if (!pipelined.closed) await once(pipelined, 'close')
  t.equal(received.match(/^slow 1$/gm)?.length, 2)
})

t.test('closes without waiting for connections that send no complete request', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: LOOPBACK } })
  await fastify.ready()
  const origin = originOf(fastify.metrics.address)
  const silent = await openRawConnection(origin)
  const incomplete = await openRawConnection(origin)
  incomplete.write('GET /metr')
  await (await fetch(`${origin}/metrics`)).text()
  await fastify.close()
  t.equal(fastify.metrics.address, null)
  for (const socket of [silent, incomplete]) if (!socket.closed) await once(socket, 'close')
})

t.test('closes all of its servers when one of its addresses is in use', async t => {
  const port = await openServer(t, '127.0.0.2')
  const addresses = ['127.0.0.1', '127.0.0.2'].map(address => ({ address }))
  const listener = new Listener({ host: 'several', port }, async () => addresses)
  const application = createFastify(t)
  listener.openAndCloseWith(application)
  await t.rejects(async () => { await application.ready() }, { code: 'EADDRINUSE' })
  t.equal(listener.address, null)
  await t.rejects(openRawConnection(`http://127.0.0.1:${port}`), { code: 'ECONNREFUSED' })
})

t.test('does not keep the process running, even with an open connection', async t => {
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
