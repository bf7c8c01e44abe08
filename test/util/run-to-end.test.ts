import t from 'tap'
import { runToEnd } from '../../lib/util/run-to-end.js'

t.test('runs all steps and returns the result', async t => {
  const steps: number[] = []
  function * work (): Generator<void, string> {
    for (let step = 0; step < 3; step++) {
      steps.push(step)
      yield
    }
    return 'result'
  }
  t.equal(runToEnd(work()), 'result')
  t.strictSame(steps, [0, 1, 2])
})
