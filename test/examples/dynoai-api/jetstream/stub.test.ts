import t, { type Test } from 'tap'
import { startStub, type StubOptions } from '../../../../examples/dynoai-api/jetstream/stub.js'

async function setUp (t: Test, options: StubOptions) {
  const stub = await startStub({ failures: 0, slowness: 0, newRuns: 1, failingRuns: 0, rows: 10, ...options })
  t.teardown(() => stub.close())
  const get = async (path: string, token = stub.token) => {
    const response = await fetch(`${stub.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    return { status: response.status, body: await response.text() }
  }
  return { stub, get }
}

t.test('serves the runs and their logs on loopback', async t => {
  const { stub, get } = await setUp(t, { corruptLogs: 0 })
  t.match(stub.url, /^http:\/\/127\.0\.0\.1:\d+$/)

  const { runs } = JSON.parse((await get('/runs')).body)
  t.match(runs, [{ id: 'run-0001', state: 'pending', updated_at: /^\d{4}-.*Z$/ }])
  t.match(JSON.parse((await get('/runs/run-0001')).body), { id: 'run-0001', state: 'pending' })
  t.equal((await get('/runs/run-0001/log')).status, 409, 'no log before the run is complete')
  for (let tick = 0; tick < 5; tick++) await get('/runs')
  t.match((await get('/runs/run-0001/log')).body, /^Time,RPM,.*\r\n0\.00,1500,/)

  t.equal((await get('/runs/run-9999')).status, 404)
  t.equal((await get('/runs/run-9999/log')).status, 404)
  t.same(JSON.parse((await get('/runs?since=9999')).body), { runs: [] })
})

t.test('rejects a wrong token', async t => {
  const { get } = await setUp(t, { token: 'secret' })

  t.equal((await get('/runs', 'wrong')).status, 401)
  t.equal((await get('/runs')).status, 200)
})

t.test('fails and responds late with the given probabilities', async t => {
  const { get } = await setUp(t, { failures: 1, slowness: 1, slowMs: 30 })
  const start = performance.now()

  t.equal((await get('/runs')).status, 503)
  t.ok(performance.now() - start > 25)
})

t.test('fails for the same requests with the same seed', async t => {
  const statusesOf = async (seed: number) => {
    const { get } = await setUp(t, { seed, failures: 0.5 })
    const statuses = []
    for (let call = 0; call < 20; call++) statuses.push((await get('/runs')).status)
    return statuses
  }
  const first = await statusesOf(1)

  t.same(await statusesOf(1), first)
  t.notSame(await statusesOf(2), first)
  t.same(new Set(first), new Set([200, 503]))
})

t.test('starts without options', async t => {
  const stub = await startStub()
  await stub.close()
  await t.rejects(fetch(stub.url))
})
