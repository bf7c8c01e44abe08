import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createJetstreamClient, type JetstreamClientOptions } from '../../../../examples/dynoai-api/jetstream/client.js'
import { collectGarbage } from '../../../fixtures/collect-garbage.js'

const run = { id: 'run 1', state: 'pending', vehicle: 'FXDLS 2021', updated_at: '2026-01-01T00:00:00.000Z' }

async function setUp (t: Test, listener: RequestListener, options: Partial<JetstreamClientOptions> = {}) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    listener(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address of this type.
  const { port } = server.address() as AddressInfo
  return { client: createJetstreamClient({ url: `http://127.0.0.1:${port}`, token: 'secret', ...options }), requests }
}

t.test('lists runs since a time, with its token', async t => {
  const { client, requests } = await setUp(t, (_, response) => response.end(JSON.stringify({ runs: [run] })))

  t.strictSame(await client.listRuns(), [run])
  await client.listRuns('2026-01-01T00:00:00+01:00')
  t.strictSame(requests, [
    'GET /api/v1/runs Bearer secret',
    'GET /api/v1/runs?since=2026-01-01T00%3A00%3A00%2B01%3A00 Bearer secret'
  ])
})

t.test('downloads a full log, or an empty one', async t => {
  const { client, requests } = await setUp(t, (request, response) => {
    if (request.url?.includes('nothing')) {
      response.writeHead(204).end()
    } else {
      response.write('rpm,')
      response.end('torque')
    }
  })

  t.equal(String(await client.downloadLog('run/1')), 'rpm,torque')
  t.equal(String(await client.downloadLog('nothing')), '')
  t.strictSame(requests, ['GET /api/v1/runs/run%2F1/log Bearer secret', 'GET /api/v1/runs/nothing/log Bearer secret'])
})

t.test('rejects with the reason of a failure', async t => {
  const json = (body: unknown): RequestListener => (_, response) => response.end(JSON.stringify(body))
  const notRuns = { failure: 'response', message: 'Jetstream did not respond with a list of runs.' }
  const cases: Array<[name: string, listener: RequestListener, error: { failure: string, message: string }]> = [
    ['a status', (_, response) => response.writeHead(503).end('no'),
      { failure: 'status', message: 'Jetstream responded with status 503.' }],
    ['a status without a body', (_, response) => response.writeHead(304).end(),
      { failure: 'status', message: 'Jetstream responded with status 304.' }],
    ['invalid JSON', (_, response) => response.end('<html>'),
      { failure: 'response', message: 'Jetstream responded with invalid JSON.' }],
    ['JSON null', json(null), notRuns],
    ['not a list', json({ runs: 'many' }), notRuns],
    ['a run with an unknown state', json({ runs: [run, { ...run, state: 'lost' }] }), notRuns],
    ['a broken connection', (_, response) => response.destroy(),
      { failure: 'network', message: 'Jetstream could not be reached.' }]
  ]
  for (const [name, listener, error] of cases) {
    await t.test(name, async t => {
      const { client } = await setUp(t, listener)
      await t.rejects(client.listRuns(), { name: 'JetstreamError', ...error })
    })
  }
})

t.test('rejects a log that exceeds the limit', async t => {
  const { client } = await setUp(t, (_, response) => response.end('123456'), { maxLogBytes: 5 })
  const error = { failure: 'response', message: 'Jetstream sent a log of more than 5 bytes.' }
  await t.rejects(client.downloadLog('run'), error)

  const { client: other } = await setUp(t, (_, response) => response.end('12345'), { maxLogBytes: 5 })
  t.equal(String(await other.downloadLog('run')), '12345')
})

t.test('rejects after the timeout without a response, and with half a response', async t => {
  const error = { name: 'JetstreamError', failure: 'timeout', message: 'Jetstream did not respond within 200 ms.' }
  for (const listener of [() => {}, (_, response) => response.write('{')] satisfies RequestListener[]) {
    const { client } = await setUp(t, listener, { timeoutMs: 200 })
    await t.rejects(client.listRuns(), error)
    await t.rejects(client.downloadLog('run'), error)
  }
})

t.test('rejects after the timeout even if garbage is collected before', async t => {
  const { client } = await setUp(t, () => {}, { timeoutMs: 300 })
  const call = client.listRuns()
  call.catch(() => {})
  for (let i = 0; i < 10; i++) {
    await sleep(20)
    collectGarbage()
  }
  await t.rejects(Promise.race([call, sleep(5000)]), { message: 'Jetstream did not respond within 300 ms.' })
})

t.test('aborts its calls when it is closed', async t => {
  const { client, requests } = await setUp(t, () => client.close())

  await t.rejects(client.listRuns(), { failure: 'closed', message: 'This service is closing.' })
  await t.rejects(client.listRuns(), { message: 'This service is closing.' })
  t.equal(requests.length, 1, 'nothing is sent afterwards')
})
