import t from 'tap'
import { createRun, RunStore } from '../../../../examples/dynoai-api/runs/run-store.js'

t.test('keeps a run, which waits for its analysis', async t => {
  const store = new RunStore(10)
  const run = createRun('a', 'pull.csv')
  const message = 'The log is waiting for its analysis.'
  t.same(run, { runId: 'a', filename: 'pull.csv', status: 'queued', progress: 0, message })
  store.add(run)
  t.equal(store.get('a'), run)
})

t.test('evicts the oldest run beyond its limit', async t => {
  const store = new RunStore(2)
  for (const runId of ['a', 'b', 'c']) store.add(createRun(runId, 'pull.csv'))
  t.throws(() => store.get('a'), { statusCode: 404, message: "There is no run 'a'." })
  t.same(['b', 'c'].map(runId => store.get(runId).runId), ['b', 'c'])
})
