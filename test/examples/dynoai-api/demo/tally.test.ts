import t from 'tap'
import { Tally } from '../../../../examples/dynoai-api/demo/tally.js'

t.test('counts responses by method, route and status', async t => {
  const tally = new Tally()
  t.equal(tally.requests, 0)
  for (const status of [200, 404, 200]) tally.add({ method: 'GET', route: '/api/status/:runId', status })
  tally.add({ method: 'POST', route: '/api/analyze', status: 202 })

  t.equal(tally.requests, 4)
  t.strictSame([...tally.responses], [
    ['GET /api/status/:runId 200', 2],
    ['GET /api/status/:runId 404', 1],
    ['POST /api/analyze 202', 1]
  ])
})
