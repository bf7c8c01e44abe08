import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { endConnections } from '../../../examples/dynoai-api/end-connections.js'
import { promiseWithResolvers } from '../../fixtures/promise-with-resolvers.js'

/** Starts a service whose route responds when the test calls `respond`, and sends a request to it. */
async function setUp (t: Test, limitMs: number) {
  const { promise: responding, resolve: respond } = promiseWithResolvers()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  const app = Fastify({ keepAliveTimeout: 3_600_000 })
  t.teardown(() => app.server.closeAllConnections())
  endConnections(app, limitMs)
  app.get('/', async () => {
    arrive()
    await responding
    return 'late'
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  // A server that listens on a port has an address of this type.
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8')
  t.teardown(() => socket.destroy())
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await arrived
  return { app, socket, respond }
}

t.test('ends the connection of a response that is sent while the service closes', async t => {
  const { app, socket, respond } = await setUp(t, 3_600_000)
  const closing = app.close()
  await new Promise(setImmediate)
  respond()
  const [response] = await once(socket, 'data')
  t.match(response, /^HTTP\/1\.1 200 .*\r\nconnection: close\r\n/s)
  await closing
})

t.test('ends all connections after a time limit', async t => {
  const { app, socket } = await setUp(t, 10)
  const closed = once(socket, 'close')
  await app.close()
  await closed
})

t.test('keeps a connection open before the service closes', async t => {
  const { app, socket, respond } = await setUp(t, 3_600_000)
  respond()
  const [response] = await once(socket, 'data')
  t.match(response, /\r\nconnection: keep-alive\r\n/i)
  await app.close()
})
