import Fastify from 'fastify'
import t from 'tap'
import { createReporter } from '../../../../examples/dynoai-api/demo/reporter.js'

t.test('reports the rate since the previous call', async t => {
  const scrapes = [10, 110, 110]
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/metrics', async () => `dynoai_request_duration_seconds_count ${scrapes.shift()}`)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  let now = 5000
  const report = createReporter(`${origin}/metrics`, undefined, () => now)
  const rates: unknown[] = []
  for (const seconds of [1, 4, 2]) {
    now += 1000 * seconds
    rates.push((await report()).split(',')[0])
  }

  t.strictSame(rates, ['10.0 requests/s', '25.0 requests/s', '0.0 requests/s'])
})

t.test('sends the Bearer token of the metrics', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/metrics', async (request, reply) =>
    await reply.code(request.headers.authorization === 'Bearer x' ? 200 : 401).send(''))
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })

  t.match(await createReporter(`${origin}/metrics`, 'x')(), 'requests/s')
  t.match(await createReporter(`${origin}/metrics`)(), 'responded with status 401')
})

t.test('reports that the metrics do not exist', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })

  const url = `${origin}/metrics`
  t.equal(await createReporter(url)(), `${url} responded with status 404, so there is no summary.`)
})
