import t from 'tap'
import { JobQueue } from '../../../../examples/dynoai-api/runs/job-queue.js'

t.test('runs one job at a time, and counts the jobs that are left', async t => {
  const queue = new JobQueue(2)
  const steps: string[] = []
  const ends: Array<() => void> = []
  for (const name of ['a', 'b']) {
    queue.push(() => {
      steps.push(`${name} starts`)
      return new Promise<void>(resolve => ends.push(() => { steps.push(`${name} ends`); resolve() }))
    })
    t.equal(queue.isFull, name === 'b')
  }
  t.equal(queue.length, 2)
  for (let job = 0; job < 2; job++) {
    await new Promise(setImmediate)
    ends[job]?.()
  }
  await queue.idle()
  t.same(steps, ['a starts', 'a ends', 'b starts', 'b ends'])
  t.match({ length: queue.length, isFull: queue.isFull }, { length: 0, isFull: false })
})
