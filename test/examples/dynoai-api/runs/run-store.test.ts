import t from 'tap'
import { RunStore } from '../../../../examples/dynoai-api/runs/run-store.js'
import { EMPTY_REPORT } from '../empty-report.js'

t.test('adds a run that waits for its analysis', async t => {
  const store = new RunStore(10)
  const run = store.add('a', 'pull.csv', EMPTY_REPORT)
  const message = 'The log is waiting for its analysis.'
  t.same(run, { runId: 'a', filename: 'pull.csv', status: 'queued', progress: 0, message, log: EMPTY_REPORT })
  t.equal(store.get('a'), run)
})

t.test('evicts the oldest run beyond its limit', async t => {
  const store = new RunStore(2)
  for (const runId of ['a', 'b', 'c']) store.add(runId, 'pull.csv', EMPTY_REPORT)
  t.throws(() => store.get('a'), { statusCode: 404, message: "There is no run 'a'." })
  t.same(['b', 'c'].map(runId => store.get(runId).runId), ['b', 'c'])
})
