import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'
import type { ScenarioServerOptions } from '../fixtures/scenarios/support/server.js'
import { expectedCounts, readCounts, waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import { expectStatus, newRequestId, requestText } from '../fixtures/scenarios/support/scenario.js'
import type { Scenario, ServerKind, ScenarioServer } from '../fixtures/scenarios/support/scenario.js'
import { scenarios } from '../fixtures/scenarios/index.js'
import { REPLIES, SERVER_CLOSERS } from '../fixtures/scenarios/support/closing-routes.js'
import { HttpConnection } from '../fixtures/scenarios/support/http-connection.js'

async function start (t: Test, kind: ServerKind, options: ScenarioServerOptions): Promise<ScenarioServer> {
  const server = await startScenarioServer(kind, options)
  t.teardown(server.close)
  return server
}

/** A server, and the scenarios that ran on it. */
interface UsedServer {
  readonly server: ScenarioServer
  readonly completed: readonly Scenario[]
}

for (const awaited of [false, true]) {
  t.test(`counts every request exactly once when register is ${awaited ? '' : 'not '}awaited`, async t => {
    // All scenarios of a kind run on one server, so late counts of the earlier ones also make a scenario fail.
    const servers = new Map<ServerKind, UsedServer>()
    for (const scenario of scenarios) {
      await t.test(scenario.name, async subtest => {
        const { server, completed } = servers.get(scenario.server) ??
          { server: await start(t, scenario.server, { awaited }), completed: [] }
        // After a failed scenario, the next one starts another server.
        servers.delete(scenario.server)
        await scenario.run(server)
        const all = [...completed, scenario]
        const ended = all.reduce((sum, { counted }) => sum + counted.length, 0)
        subtest.strictSame(await waitForCounts(server.fastify, ended), expectedCounts(all))
        await nextTurn()
        subtest.strictSame(await readCounts(server.fastify), expectedCounts(all), 'unchanged one turn later')
        if (subtest.passing()) servers.set(scenario.server, { server, completed: all })
      })
    }
  })
}

interface PendingRequest {
  readonly connection: HttpConnection
  readonly id: string
}

/** Sends a request and waits until its handler runs. */
async function sendPending (server: ScenarioServer, method: string, url: string): Promise<PendingRequest> {
  const { origin, checkpoints } = server
  const id = newRequestId()
  const connection = await HttpConnection.open(origin)
  connection.send(requestText(method, url, method === 'POST' ? { body: 'x' } : {}, id))
  await checkpoints.waitUntilPaused(id)
  return { connection, id }
}

/** Waits until the requests have ended, and checks that these are all, with none in flight. */
async function checkRequests (t: Test, server: ScenarioServer, expected: Record<string, number>): Promise<void> {
  const { requests, inFlight } = await waitForCounts(server.fastify, Object.keys(expected).length)
  t.strictSame({ requests, inFlight }, { requests: expected, inFlight: 0 })
}

t.test('counts a response that an earlier onResponse hook hides when the next request arrives', async t => {
  const server = await start(t, 'default', {})
  const connection = await HttpConnection.open(server.origin)
  for (const [hook, url] of [['fail', '/ok'], ['never', '/many']] as const) {
    connection.send(requestText('GET', url, { headers: { 'x-late': hook } }))
    expectStatus(await connection.readResponse(), 200)
  }
  connection.send(requestText('GET', '/param/1'))
  expectStatus(await connection.readResponse(), 200)
  await checkRequests(t, server, { 'GET /ok 200': 1, 'GET /many 200': 1, 'GET /param/:id 200': 1 })
  await connection.disconnect()
})

t.test('close() waits for the requests in flight, which are counted when they end', async t => {
  const server = await start(t, 'default', {})
  const completed = await sendPending(server, 'GET', '/when-released')
  const aborted = await sendPending(server, 'GET', '/wait')
  const abortedWithBody = await sendPending(server, 'POST', '/wait')
  const closed = server.fastify.close()
  server.checkpoints.release(completed.id)
  expectStatus(await completed.connection.readResponse(), 200)
  await Promise.all([aborted.connection.disconnect(), abortedWithBody.connection.disconnect()])
  await closed
  await checkRequests(t, server, { 'GET /when-released 200': 1, 'GET /wait 499': 1, 'POST /wait 499': 1 })
})

t.test('close() with forceCloseConnections aborts the requests in flight', async t => {
  const server = await start(t, 'default', { server: { forceCloseConnections: true } })
  const pending = [
    await sendPending(server, 'GET', '/wait'),
    await sendPending(server, 'POST', '/wait'),
    await sendPending(server, 'GET', '/hijack-and-wait')
  ]
  await server.fastify.close()
  await Promise.all(pending.map(({ connection }) => connection.waitForClose()))
  await checkRequests(t, server, { 'GET /wait 499': 1, 'POST /wait 499': 1, 'GET /hijack-and-wait 499': 1 })
})

for (const how of Object.keys(SERVER_CLOSERS)) {
  t.test(`counts a response that is sent after ${how} as 499`, async t => {
    for (const reply of Object.keys(REPLIES)) {
      const server = await start(t, 'default', { server: { forceCloseConnections: true } })
      const { connection: waiting } = await sendPending(server, 'GET', '/wait')
      const connection = await HttpConnection.open(server.origin)
      connection.send(requestText('GET', `/close-server/${how}/${reply}`))
      await Promise.all([connection.waitForClose(), waiting.waitForClose()])
      const requests = { 'GET /close-server/:how/:reply 499': 1, 'GET /wait 499': 1 }
      const expected = { requests, totals: { 'GET 499': 2 }, exceptions: {}, inFlight: 0 }
      t.strictSame(await waitForCounts(server.fastify, 2), expected, reply)
    }
  })
}

for (const return503OnClosing of [true, false]) {
  const outcome = return503OnClosing ? 'gets a 503, runs no hook and is not counted' : 'is accepted and counted'
  t.test(`a request that arrives while closing ${outcome}`, async t => {
    const server = await start(t, 'plain', { server: { return503OnClosing } })
    const { connection, id } = await sendPending(server, 'GET', '/when-released')
    const arrived = new Promise<void>(resolve => { server.fastify.server.once('request', () => resolve()) })
    const closed = server.fastify.close()
    connection.send(requestText('GET', '/ok'))
    await arrived
    server.checkpoints.release(id)
    expectStatus(await connection.readResponse(), 200)
    expectStatus(await connection.readResponse(), return503OnClosing ? 503 : 200)
    await connection.disconnect()
    await closed
    const { requests, inFlight } = await waitForCounts(server.fastify, 2, 100)
    const expected = { 'GET /when-released 200': 1, ...(!return503OnClosing && { 'GET /ok 200': 1 }) }
    t.strictSame({ requests, inFlight }, { requests: expected, inFlight: 0 })
  })
}

interface UncountedRequest {
  readonly bytes: string
  readonly status: number
}

/** Sends a request to a new server, and checks the status of the response and that nothing is counted. */
async function checkUncounted (t: Test, request: UncountedRequest, options: ScenarioServerOptions = {}): Promise<void> {
  const { bytes, status } = request
  const server = await start(t, 'plain', options)
  const connection = await HttpConnection.open(server.origin)
  connection.send(bytes)
  expectStatus(await connection.readResponse(), status)
  await connection.disconnect()
  await nextTurn()
  t.strictSame(await readCounts(server.fastify), expectedCounts([]))
}

// Each with the status of its response. docs/requests.md says that these requests are not counted.
const uncounted: Readonly<Record<string, UncountedRequest>> = {
  'a URL that cannot be decoded': { bytes: requestText('GET', '/%zz'), status: 400 },
  'a parameter that is too long': { bytes: requestText('GET', `/param/${'x'.repeat(60)}`), status: 414 },
  'an invalid request line': { bytes: 'nonsense\r\n\r\n', status: 400 },
  'a request without a host': { bytes: 'GET /ok HTTP/1.1\r\n\r\n', status: 400 },
  'headers that are too long': {
    bytes: requestText('GET', '/ok', { headers: { long: 'x'.repeat(20_000) } }), status: 431
  },
  'an unknown expectation': { bytes: requestText('GET', '/ok', { headers: { expect: 'the best' } }), status: 417 }
}

for (const [name, request] of Object.entries(uncounted)) {
  t.test(`does not count ${name}, which runs no hook`, async t => { await checkUncounted(t, request) })
}

t.test('does not count a response of the frameworkErrors option, which runs no hook', async t => {
  const frameworkErrors = (_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
    reply.code(404).send('mine')
  }
  await checkUncounted(t, { bytes: requestText('GET', '/%zz'), status: 404 }, { server: { frameworkErrors } })
})

t.test('two scopes count only their requests of a connection that they share', async t => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const scopes: FastifyInstance[] = []
  for (const prefix of ['/a', '/b']) {
    fastify.register(async scope => {
      await scope.register(dynoaiMetrics, { runtimeMetrics: false })
      scope.get('/ok', async () => 'ok')
      scope.post('/wait', () => {})
      scopes.push(scope)
    }, { prefix })
  }
  const connection = await HttpConnection.open(await fastify.listen({ host: '127.0.0.1', port: 0 }))
  for (const url of ['/a/ok', '/b/ok']) {
    connection.send(requestText('GET', url))
    expectStatus(await connection.readResponse(), 200)
  }
  connection.send(requestText('POST', '/b/wait', { body: 'x' }))
  connection.send(requestText('POST', '/a/wait', { body: 'x' }))
  const inFlight = async (): Promise<number[]> =>
    await Promise.all(scopes.map(async scope => (await readCounts(scope)).inFlight))
  while ((await inFlight()).includes(0)) await nextTurn()
  await connection.disconnect()
  t.strictSame(await Promise.all(scopes.map(async scope => (await waitForCounts(scope, 2)).requests)), [
    { 'GET /a/ok 200': 1, 'POST /a/wait 499': 1 },
    { 'GET /b/ok 200': 1, 'POST /b/wait 499': 1 }
  ])
  t.strictSame(await inFlight(), [0, 0])
})
