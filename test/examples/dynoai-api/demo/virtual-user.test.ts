import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Tally } from '../../../../examples/dynoai-api/demo/tally.js'
import { VirtualUser } from '../../../../examples/dynoai-api/demo/virtual-user.js'

async function setUp (t: Test, number = 1) {
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.all('/*', async ({ method, url, headers, body }) => ({ method, url, type: headers['content-type'], body }))
  app.get('/api/gone/:id', async (_request, reply) => reply.code(410).send([]))
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const controller = new AbortController()
  const tally = new Tally()
  const user = new VirtualUser({ origin, tally, seed: 1, number, signal: controller.signal })
  return { user, tally, controller, app }
}

t.test('sends requests and counts the responses by route', async t => {
  const { user, tally } = await setUp(t)

  t.same((await user.send('GET', '/api/health')).body, { method: 'GET', url: '/api/health' })
  t.match(await user.send('GET', '/api/runs/:runId', { id: 'a/b' }), { status: 200, body: { url: '/api/runs/a%2Fb' } })
  const json = { a: 1 }
  t.match(await user.send('POST', '/api/start', { json }), { body: { type: 'application/json', body: json } })
  t.equal((await user.send('GET', '/api/gone/:id', { id: '1' })).status, 410)
  await user.send('GET', '/wp-login.php', { id: 'unused' })

  t.strictSame([...tally.responses.keys()], [
    'GET /api/health 200',
    'GET /api/runs/:runId 200',
    'POST /api/start 200',
    'GET /api/gone/:id 410',
    'GET __unmatched__ 200'
  ])
  t.equal(tally.files, 0)
})

t.test('sends a file and counts its bytes', async t => {
  const { user, tally } = await setUp(t)
  const { body } = await user.send('POST', '/api/analyze', { file: { name: 'a.csv', content: 'größe' } })

  t.match(body.type, /^multipart\/form-data; boundary=/)
  t.match(body.body, /name="file"; filename="a\.csv"[^]*größe/)
  t.equal(tally.files, 1)
  t.equal(tally.fileBytes, 7)
})

t.test('does not count a request without a response', async t => {
  const { user, tally, app } = await setUp(t)
  await app.close()
  const file = { name: 'a.csv', content: 'a' }
  await t.rejects(user.send('POST', '/api/analyze', { file }), { message: 'fetch failed' })

  t.equal(tally.requests, 0)
  t.equal(tally.files, 0)
})

t.test('returns the same number for the same key', async t => {
  const { user } = await setUp(t)
  const { user: other } = await setUp(t, 2)

  t.equal(user.random('a'), user.random('a'))
  t.not(user.random('a'), user.random('b'))
  t.not(user.random('a'), other.random('a'))
  const picked = new Set(Array.from({ length: 50 }, (_, i) => user.pick(`item ${i}`, [1, 2, 3])))
  t.strictSame([...picked].sort(), [1, 2, 3])
})

t.test('stops waiting when the signal is aborted', async t => {
  const { user, controller } = await setUp(t)
  await user.pause(1)
  t.notOk(user.isStopping)

  const pause = user.pause(600_000)
  controller.abort()
  await pause
  t.ok(user.isStopping)
  await user.pause(600_000)
})
