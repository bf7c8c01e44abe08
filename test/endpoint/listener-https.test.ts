import { once } from 'node:events'
import { get } from 'node:https'
import type { ServerOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { EndpointOptions } from '../../lib/types/index.js'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { createCertificate } from '../fixtures/certificate.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { runModule } from '../fixtures/run-module.js'
import { createSlowMetric } from '../fixtures/slow-metric.js'

const { key, cert } = createCertificate()
const listen = { host: '127.0.0.1', port: 0, https: { key, cert } }

const portOf = ({ metrics }: FastifyInstance): number => metrics.address?.port ?? 0

interface Scrape {
  readonly status: number | undefined
  readonly body: string
}

/** Scrapes with an HTTPS client that trusts the certificate. */
async function scrape (fastify: FastifyInstance): Promise<Scrape> {
  const request = get(`https://127.0.0.1:${portOf(fastify)}/metrics`, { ca: cert, agent: false })
  const [response] = await once(request, 'response')
  return { status: response.statusCode, body: await text(response) }
}

/** Opens a TLS connection, and waits for the end of its handshake. */
async function openSecureConnection (fastify: FastifyInstance): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: portOf(fastify), ca: cert })
  socket.on('error', () => {}) // the server may disconnect it
  await once(socket, 'secureConnect')
  return socket
}

t.test('serves the endpoint only over HTTPS', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { listen, bearerToken: 'x' } })
  await fastify.ready()
  t.match(fastify.metrics.address, { address: '127.0.0.1', family: 'IPv4', port: Number })
  t.equal((await scrape(fastify)).status, 401)
  await t.rejects(fetch(`http://127.0.0.1:${portOf(fastify)}/metrics`))
  const plain = await openRawConnection(`http://127.0.0.1:${portOf(fastify)}`)
  plain.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(plain.resume(), 'close')
  t.equal((await scrape(fastify)).status, 401, 'an HTTP client does not affect others')
})

t.test('accepts other formats of key and certificate, and other TLS options of Node', async t => {
  const https: ServerOptions = { key: [key], cert: [Buffer.from(cert)], minVersion: 'TLSv1.3', keepAliveTimeout: 1000 }
  const fastify = await createMeasuredFastify(t, { endpoint: { listen: { ...listen, https } } })
  await fastify.ready()
  const { status, body } = await scrape(fastify)
  t.equal(status, 200)
  checkStructure(body, 'text')
  const old = connect({ host: '127.0.0.1', port: portOf(fastify), ca: cert, maxVersion: 'TLSv1.2' })
  const [err] = await once(old, 'error')
  t.ok(err, 'the server rejects an older TLS version')
})

t.test('closes after the scrapes in flight, and does not wait for other connections', async t => {
  const { registry, started, finish } = createSlowMetric()
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { listen } })
  await fastify.ready()
  const withoutHandshake = await openRawConnection(`http://127.0.0.1:${portOf(fastify)}`)
  withoutHandshake.on('error', () => {})
  const idle = await openSecureConnection(fastify)
  const incomplete = await openSecureConnection(fastify)
  incomplete.write('GET /metr')
  const pipelined = await openSecureConnection(fastify)
  let received = ''
  pipelined.on('data', data => { received += String(data) })
  pipelined.write('GET /metrics?name[]=slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2))
  await started
  let closed = false
  const closing = fastify.close().then(() => { closed = true })
  for (const socket of [withoutHandshake, idle.resume(), incomplete.resume()]) {
    if (!socket.closed) await once(socket, 'close')
  }
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  t.equal(closed, false)
  finish()
  await closing
  if (!pipelined.closed) await once(pipelined, 'close')
  t.equal(received.match(/^slow 1$/gm)?.length, 2)
  t.equal(fastify.metrics.address, null)
})

t.test('does not keep the process running, even with an open connection', async t => {
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

t.test('rejects TLS options that Node rejects, with an error that contains none of their values', async t => {
  const secret = 's3cret'
  const other = createCertificate()
  const cases: ReadonlyArray<readonly [name: string, https: unknown, message: RegExp]> = [
    ['a string', secret, /must be an object\./],
    ['null', null, /must be an object\./],
    ['an empty object', {}, /with key and cert, pfx/],
    ['only a key', { key: secret }, /with key and cert, pfx/],
    ['a certificate and an undefined key', { cert, key: undefined }, /with key and cert, pfx/],
    ['a key and null for the certificate', { cert: null, key: secret }, /with key and cert, pfx/],
    ['misspelt names', { keys: secret, certs: secret }, /with key and cert, pfx/],
    ['an invalid key', { key: secret, cert }, /Node reports: error:/],
    ['an invalid certificate', { key, cert: secret }, /Node reports: error:.*no start line/],
    ['the key of another certificate', { key: other.key, cert }, /Node reports: error:.*key values mismatch/],
    ['an invalid archive', { pfx: Buffer.from(secret) }, /Node reports: not enough data/],
    ['a key of a wrong type', { key: { [secret]: secret }, cert }, /"options.key" property must be of type/],
    [
      'another option of a wrong type',
      { key, cert, ticketKeys: secret },
      /"options.ticketKeys" property must be an instance/
    ],
    ['an unknown cipher', { key, cert, ciphers: secret }, /no cipher match/],
    ['an invalid callback', { SNICallback: secret }, /"options.SNICallback" property must be of type function/]
  ]
  for (const [name, https, message] of cases) {
    const fastify = createFastify(t)
    const endpoint = { listen: { port: 0, https } } as EndpointOptions
    const error = await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint })
      .then(() => undefined, (err: Error) => err)
    const expected = { code: 'DYNOAI_METRICS_ERR_OPTION', message: /^The option 'endpoint\.listen\.https' must be / }
    t.match(error, expected, name)
    t.match(error?.message, message, name)
    t.notMatch(error?.message, secret, name)
  }
})
