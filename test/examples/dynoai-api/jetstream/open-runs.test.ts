import t from 'tap'
import { openRuns } from '../../../../examples/dynoai-api/jetstream/open-runs.js'
import type { RunState } from '../../../../examples/dynoai-api/jetstream/run.js'
import type { StoredRun } from '../../../../examples/dynoai-api/jetstream/run-store.js'

t.test('counts the runs that are not analysed yet, by their state', async t => {
  const run = (state: RunState, analysis: StoredRun['analysis']): StoredRun =>
    ({ id: 'a', vehicle: 'b', updated_at: 'c', attempts: 0, state, analysis })
  const runs = [
    run('pending', 'waiting'), run('pending', 'waiting'), run('processing', 'waiting'), run('complete', 'waiting'),
    run('complete', 'complete'), run('complete', 'error'), run('error', 'waiting')
  ]
  const { collect } = openRuns(() => runs).jetstreamOpenRuns
  t.strictSame(collect().map(({ labels, value }) => [labels.state, value]), [
    ['pending', 2], ['downloading', 0], ['converting', 0], ['validating', 0], ['processing', 1], ['complete', 1]
  ])
})
