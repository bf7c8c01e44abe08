import { once } from 'node:events'
import { get } from 'node:https'
import type { ServerOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect } from 'node:tls'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { EndpointOptions } from '../../lib/types/index.js'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { createCertificate } from '../fixtures/certificate.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { runModule } from '../fixtures/run-module.js'

const { key, cert } = createCertificate()
const listen = { host: '127.0.0.1', port: 0, https: { key, cert } }

const portOf = ({ metrics }: FastifyInstance): number => metrics.address?.port ?? 0

/** What an HTTPS client that trusts the certificate gets. */
async function scrape (fastify: FastifyInstance): Promise<{ readonly status: number | undefined, readonly body: string }> {
  const request = get(`https://127.0.0.1:${portOf(fastify)}/metrics`, { ca: cert, agent: false })
  const [response] = await once(request, 'response')
  return { status: response.statusCode, body: await text(response) }
}

/** A TLS connection whose handshake is over. */
async function secureConnection (fastify: FastifyInstance) {
  const socket = connect({ host: '127.0.0.1', port: portOf(fastify), ca: cert })
  socket.on('error', () => {}) // that it is cut off
  await once(socket, 'secureConnect')
  return socket
}

t.test('serves the endpoint by HTTPS, and by nothing else', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen, bearerToken: 'x' } })
  await fastify.ready()
  t.match(fastify.metrics.address, { address: '127.0.0.1', family: 'IPv4', port: Number })
  t.equal((await scrape(fastify)).status, 401)
  await t.rejects(fetch(`http://127.0.0.1:${portOf(fastify)}/metrics`))
  const plain = await openRawConnection(`http://127.0.0.1:${portOf(fastify)}`)
  plain.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(plain.resume(), 'close')
  t.equal((await scrape(fastify)).status, 401, 'and a client that speaks HTTP breaks nothing')
})

t.test('takes other ways to a certificate and other options of Node', async t => {
  const context: ServerOptions = { key: [key], cert: [Buffer.from(cert)], minVersion: 'TLSv1.3', keepAliveTimeout: 1000 }
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: { ...listen, https: context } } })
  await fastify.ready()
  const { status, body } = await scrape(fastify)
  t.equal(status, 200)
  checkStructure(body, 'text')
  const old = connect({ host: '127.0.0.1', port: portOf(fastify), ca: cert, maxVersion: 'TLSv1.2' })
  const [err] = await once(old, 'error')
  t.ok(err, 'they hold')
})

t.test('closes after the scrapes that run, and does not wait for connections without one', async t => {
  const { promise: held, resolve: release } = promiseWithResolvers()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  const registry = new Registry()
  registry.registerMetric(new Gauge({ name: 'held', help: 'H', registers: [], async collect () { arrive(); await held; this.set(1) } }))
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen } })
  await fastify.ready()
  const silent = await openRawConnection(`http://127.0.0.1:${portOf(fastify)}`)
  silent.on('error', () => {})
  const idle = await secureConnection(fastify)
  const halting = await secureConnection(fastify)
  halting.write('GET /metr')
  const pipelined = await secureConnection(fastify)
  let answers = ''
  pipelined.on('data', data => { answers += String(data) })
  pipelined.write('GET /metrics?name[]=held HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2))
  await arrived
  let closed = false
  const closing = fastify.close().then(() => { closed = true })
  for (const socket of [silent, idle.resume(), halting.resume()]) if (!socket.closed) await once(socket, 'close')
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  t.equal(closed, false)
  release()
  await closing
  if (!pipelined.closed) await once(pipelined, 'close')
  t.equal(answers.match(/^held 1$/gm)?.length, 2)
  t.equal(fastify.metrics.address, null)
})

t.test('never keeps the process alive, also with a connection that stays open', async t => {
  const script = `
    import Fastify from 'fastify'
    import { connect } from 'node:tls'
    import { dynoaiMetrics } from ${JSON.stringify(new URL('../../lib/plugin.js', import.meta.url).href)}
    const fastify = Fastify()
    await fastify.register(dynoaiMetrics, { endpoint: { listen: ${JSON.stringify(listen)} } })
    await fastify.ready()
    const { port, address } = fastify.metrics.address
    const socket = connect({ port, host: address, rejectUnauthorized: false })
    socket.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
    socket.once('data', () => { socket.unref(); console.log('served') })
  `
  t.strictSame(await runModule(t, script), { exitCode: 0, output: 'served\n' })
})

t.test('options that Node does not take are an error at register that shows none of them', async t => {
  const secret = 's3cret'
  const other = createCertificate()
  const cases: ReadonlyArray<readonly [name: string, https: unknown, message: RegExp]> = [
    ['no object', secret, /must be an object\./],
    ['null', null, /must be an object\./],
    ['nothing in it', {}, /with key and cert, pfx/],
    ['a key alone', { key: secret }, /with key and cert, pfx/],
    ['a certificate and an undefined key', { cert, key: undefined }, /with key and cert, pfx/],
    ['a key and null for the certificate', { cert: null, key: secret }, /with key and cert, pfx/],
    ['a name that is misspelt', { keys: secret, certs: secret }, /with key and cert, pfx/],
    ['a key that is none', { key: secret, cert }, /it says: error:/],
    ['a certificate that is none', { key, cert: secret }, /it says: error:.*no start line/],
    ['the key of another certificate', { key: other.key, cert }, /it says: error:.*key values mismatch/],
    ['an archive that is none', { pfx: Buffer.from(secret) }, /it says: not enough data/],
    ['a key of a wrong type', { key: { [secret]: secret }, cert }, /"options.key" property must be of type/],
    ['another option of a wrong type', { key, cert, ticketKeys: secret }, /"options.ticketKeys" property must be an instance/],
    ['a cipher that is none', { key, cert, ciphers: secret }, /no cipher match/],
    ['a callback that is none', { SNICallback: secret }, /"options.SNICallback" property must be of type function/]
  ]
  for (const [name, https, message] of cases) {
    const fastify = createFastify(t)
    const endpoint = { listen: { port: 0, https } } as EndpointOptions
    const error = await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint }).then(() => undefined, (err: Error) => err)
    t.match(error, { code: 'DYNOAI_METRICS_ERR_OPTION', message: /^The option 'endpoint\.listen\.https' must be / }, name)
    t.match(error?.message, message, name)
    t.notMatch(error?.message, secret, name)
  }
})
