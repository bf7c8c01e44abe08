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

/** A server, and what has been played on it. */
interface Stage {
  readonly server: ScenarioServer
  readonly played: readonly Scenario[]
}

for (const awaited of [false, true]) {
  t.test(`counts every request exactly once, with a register that is ${awaited ? '' : 'not '}awaited`, async t => {
    // All fates of a kind are played on one server, so that a fate also fails for what comes late of those before it.
    const stages = new Map<ServerKind, Stage>()
    for (const fate of scenarios) {
      await t.test(fate.name, async subtest => {
        const { server, played } = stages.get(fate.server) ?? { server: await start(t, fate.server, { awaited }), played: [] }
        // After one that fails, the next has a server of its own.
        stages.delete(fate.server)
        await fate.run(server)
        const all = [...played, fate]
        const ended = all.reduce((sum, { counted }) => sum + counted.length, 0)
        subtest.strictSame(await waitForCounts(server.fastify, ended), expectedCounts(all))
        await nextTurn()
        subtest.strictSame(await readCounts(server.fastify), expectedCounts(all), 'and it stays so')
        if (subtest.passing()) stages.set(fate.server, { server, played: all })
      })
    }
  })
}

/** Sends a request and waits until the server is at work on it. */
async function requestAtWork ({ origin, checkpoints }: ScenarioServer, method: string, url: string): Promise<{ wire: HttpConnection, id: string }> {
  const id = newRequestId()
  const wire = await HttpConnection.open(origin)
  wire.send(requestText(method, url, method === 'POST' ? { body: 'x' } : {}, id))
  await checkpoints.waitUntilPaused(id)
  return { wire, id }
}

t.test('what an earlier onResponse hook hides is counted when its connection brings the next request', async t => {
  const server = await start(t, 'websocket', {})
  const wire = await HttpConnection.open(server.origin)
  for (const [hook, url] of [['fail', '/ok'], ['never', '/many']] as const) {
    wire.send(requestText('GET', url, { headers: { 'x-late': hook } }))
    expectStatus(await wire.readResponse(), 200)
  }
  wire.send(requestText('GET', '/param/1'))
  expectStatus(await wire.readResponse(), 200)
  const { requests, inFlight } = await waitForCounts(server.fastify, 3)
  t.strictSame({ requests, inFlight }, { requests: { 'GET /ok 200': 1, 'GET /many 200': 1, 'GET /param/:id 200': 1 }, inFlight: 0 })
  await wire.disconnect()
})

t.test('close() waits for the requests in the air, which are counted as they end', async t => {
  const server = await start(t, 'websocket', {})
  const countResponse = await requestAtWork(server, 'GET', '/when-released')
  const left = await requestAtWork(server, 'GET', '/wait')
  const leftWithBody = await requestAtWork(server, 'POST', '/wait')
  const closed = server.fastify.close()
  server.checkpoints.release(countResponse.id)
  expectStatus(await countResponse.wire.readResponse(), 200)
  await Promise.all([left.wire.disconnect(), leftWithBody.wire.disconnect()])
  await closed
  const { requests, inFlight } = await waitForCounts(server.fastify, 3)
  t.strictSame({ requests, inFlight }, { requests: { 'GET /when-released 200': 1, 'GET /wait 499': 1, 'POST /wait 499': 1 }, inFlight: 0 })
})

t.test('close() that forces its connections to close breaks off the requests in the air', async t => {
  const server = await start(t, 'websocket', { server: { forceCloseConnections: true } })
  const wires = [await requestAtWork(server, 'GET', '/wait'), await requestAtWork(server, 'POST', '/wait'), await requestAtWork(server, 'GET', '/hijack-and-wait')]
  await server.fastify.close()
  await Promise.all(wires.map(({ wire }) => wire.waitForClose()))
  const { requests, inFlight } = await waitForCounts(server.fastify, 3)
  t.strictSame({ requests, inFlight }, { requests: { 'GET /wait 499': 1, 'POST /wait 499': 1, 'GET /hijack-and-wait 499': 1 }, inFlight: 0 })
})

for (const how of Object.keys(SERVER_CLOSERS)) {
  t.test(`counts what is answered after ${how} as 499`, async t => {
    for (const reply of Object.keys(REPLIES)) {
      const server = await start(t, 'websocket', { server: { forceCloseConnections: true } })
      const { wire: waiting } = await requestAtWork(server, 'GET', '/wait')
      const wire = await HttpConnection.open(server.origin)
      wire.send(requestText('GET', `/close-server/${how}/${reply}`))
      await Promise.all([wire.waitForClose(), waiting.waitForClose()])
      const requests = { 'GET /close-server/:how/:reply 499': 1, 'GET /wait 499': 1 }
      const expected = { requests, totals: { 'GET 499': 2 }, exceptions: {}, inFlight: 0 }
      t.strictSame(await waitForCounts(server.fastify, 2), expected, reply)
    }
  })
}

for (const return503OnClosing of [true, false]) {
  t.test(`a request while closing is ${return503OnClosing ? 'answered 503 without a hook, and not counted' : 'counted when it is let in'}`, async t => {
    const server = await start(t, 'plain', { server: { return503OnClosing } })
    const { wire, id } = await requestAtWork(server, 'GET', '/when-released')
    const closing = new Promise<void>(resolve => { server.fastify.server.once('request', () => resolve()) })
    const closed = server.fastify.close()
    wire.send(requestText('GET', '/ok'))
    await closing
    server.checkpoints.release(id)
    expectStatus(await wire.readResponse(), 200)
    expectStatus(await wire.readResponse(), return503OnClosing ? 503 : 200)
    await wire.disconnect()
    await closed
    const { requests, inFlight } = await waitForCounts(server.fastify, 2, 100)
    t.strictSame({ requests, inFlight }, { requests: { 'GET /when-released 200': 1, ...(!return503OnClosing && { 'GET /ok 200': 1 }) }, inFlight: 0 })
  })
}

// Each with the response to the client; docs/requests.md says that they are not counted.
const unseen: ReadonlyArray<readonly [name: string, bytes: string, status: number]> = [
  ['a URL that cannot be decoded', requestText('GET', '/%zz'), 400],
  ['a parameter that is too long', requestText('GET', `/param/${'x'.repeat(60)}`), 414],
  ['a request line that is none', 'nonsense\r\n\r\n', 400],
  ['a request without a host', 'GET /ok HTTP/1.1\r\n\r\n', 400],
  ['headers that are too long', requestText('GET', '/ok', { headers: { long: 'x'.repeat(20_000) } }), 431],
  ['an expectation that is unknown', requestText('GET', '/ok', { headers: { expect: 'the best' } }), 417]
]

for (const [name, bytes, status] of unseen) {
  t.test(`does not count ${name}, which runs no hook`, async t => {
    const server = await start(t, 'plain', {})
    const wire = await HttpConnection.open(server.origin)
    wire.send(bytes)
    expectStatus(await wire.readResponse(), status)
    await wire.disconnect()
    await nextTurn()
    t.strictSame(await readCounts(server.fastify), expectedCounts([]))
  })
}

t.test("does not count what the application's own frameworkErrors answers, which runs no hook either", async t => {
  const frameworkErrors = (_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => { reply.code(404).send('mine') }
  const server = await start(t, 'plain', { server: { frameworkErrors } })
  const wire = await HttpConnection.open(server.origin)
  wire.send(requestText('GET', '/%zz'))
  expectStatus(await wire.readResponse(), 404)
  await wire.disconnect()
  await nextTurn()
  t.strictSame(await readCounts(server.fastify), expectedCounts([]))
})

t.test('each of two scopes counts its own requests of a connection that they share', async t => {
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
  const wire = await HttpConnection.open(await fastify.listen({ host: '127.0.0.1', port: 0 }))
  for (const url of ['/a/ok', '/b/ok']) {
    wire.send(requestText('GET', url))
    expectStatus(await wire.readResponse(), 200)
  }
  wire.send(requestText('POST', '/b/wait', { body: 'x' }))
  wire.send(requestText('POST', '/a/wait', { body: 'x' }))
  const inFlight = async (): Promise<number[]> => Promise.all(scopes.map(async scope => (await readCounts(scope)).inFlight))
  while ((await inFlight()).includes(0)) await nextTurn()
  await wire.disconnect()
  t.strictSame(await Promise.all(scopes.map(async scope => (await waitForCounts(scope, 2)).requests)), [
    { 'GET /a/ok 200': 1, 'POST /a/wait 499': 1 },
    { 'GET /b/ok 200': 1, 'POST /b/wait 499': 1 }
  ])
  t.strictSame(await inFlight(), [0, 0])
})
