import t from 'tap'
import { JobQueue } from '../../../../examples/dynoai-api/runs/job-queue.js'

t.test('does one job after the other, and knows how many are left', async t => {
  const queue = new JobQueue(2)
  const steps: string[] = []
  const end: Array<() => void> = []
  for (const name of ['a', 'b']) {
    queue.push(() => {
      steps.push(`${name} begins`)
      return new Promise<void>(resolve => end.push(() => { steps.push(`${name} ends`); resolve() }))
    })
    t.equal(queue.isFull, name === 'b')
  }
  t.equal(queue.length, 2)
  for (let job = 0; job < 2; job++) {
    await new Promise(setImmediate)
    end[job]?.()
  }
  await queue.idle()
  t.same(steps, ['a begins', 'a ends', 'b begins', 'b ends'])
  t.match({ length: queue.length, isFull: queue.isFull }, { length: 0, isFull: false })
})
