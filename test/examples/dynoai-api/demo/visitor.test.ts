import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Tally } from '../../../../examples/dynoai-api/demo/tally.js'
import { Visitor } from '../../../../examples/dynoai-api/demo/visitor.js'

async function setUp (t: Test, number = 1) {
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.all('/*', async ({ method, url, headers, body }) => ({ method, url, type: headers['content-type'], body }))
  app.get('/api/gone/:id', async (_request, reply) => reply.code(410).send([]))
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const leaving = new AbortController()
  const tally = new Tally()
  return { visitor: new Visitor({ origin, tally, seed: 1, number, signal: leaving.signal }), tally, leaving, app }
}

t.test('sends what it is told and tallies the answers by route', async t => {
  const { visitor, tally } = await setUp(t)

  t.same((await visitor.send('GET', '/api/health')).body, { method: 'GET', url: '/api/health' })
  t.match(await visitor.send('GET', '/api/runs/:runId', { id: 'a/b' }), { status: 200, body: { url: '/api/runs/a%2Fb' } })
  t.match(await visitor.send('POST', '/api/start', { json: { a: 1 } }), { body: { type: 'application/json', body: { a: 1 } } })
  t.equal((await visitor.send('GET', '/api/gone/:id', { id: '1' })).status, 410)
  await visitor.send('GET', '/wp-login.php', { id: 'unused' })

  t.strictSame([...tally.answers.keys()], [
    'GET /api/health 200', 'GET /api/runs/:runId 200', 'POST /api/start 200', 'GET /api/gone/:id 410', 'GET __unmatched__ 200'
  ])
  t.equal(tally.files, 0)
})

t.test('sends a file and tallies its bytes', async t => {
  const { visitor, tally } = await setUp(t)
  const { body } = await visitor.send('POST', '/api/analyze', { file: { name: 'a.csv', content: 'größe' } })

  t.match(body.type, /^multipart\/form-data; boundary=/)
  t.match(body.body, /name="file"; filename="a\.csv"[^]*größe/)
  t.equal(tally.files, 1)
  t.equal(tally.fileBytes, 7)
})

t.test('a request without an answer is not tallied', async t => {
  const { visitor, tally, app } = await setUp(t)
  await app.close()
  await t.rejects(visitor.send('POST', '/api/analyze', { file: { name: 'a.csv', content: 'a' } }), { message: 'fetch failed' })

  t.equal(tally.requests, 0)
  t.equal(tally.files, 0)
})

t.test('draws the same for the same question', async t => {
  const { visitor } = await setUp(t)
  const { visitor: other } = await setUp(t, 2)

  t.equal(visitor.draw('a'), visitor.draw('a'))
  t.not(visitor.draw('a'), visitor.draw('b'))
  t.not(visitor.draw('a'), other.draw('a'))
  const picked = new Set(Array.from({ length: 50 }, (_, i) => visitor.pick(`item ${i}`, [1, 2, 3])))
  t.strictSame([...picked].sort(), [1, 2, 3])
})

t.test('waits until it is asked to leave', async t => {
  const { visitor, leaving } = await setUp(t)
  await visitor.pause(1)
  t.notOk(visitor.isLeaving)

  const pause = visitor.pause(600_000)
  leaving.abort()
  await pause
  t.ok(visitor.isLeaving)
  await visitor.pause(600_000)
})
