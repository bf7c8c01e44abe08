import t from 'tap'
import { RemovalQueue } from '../../lib/processes/removal-queue.js'

t.test('has each removal once, until it is applied', async t => {
  const queue = new RemovalQueue()
  t.ok(queue.isEmpty)
  const [first, reset, other] = [
    { metric: 'a', labels: ['x'] }, { metric: 'a', labels: null }, { metric: 'b', labels: ['x'] }
  ]
  for (const removal of [first, reset, { ...first }, other]) t.ok(queue.add(removal))
  t.strictSame(queue.waiting, [first, reset, other])
  queue.delete([{ ...first }, { metric: 'c', labels: null }])
  t.strictSame(queue.waiting, [reset, other])
  queue.clear()
  t.ok(queue.isEmpty)
})

t.test('takes a limited number of removals', async t => {
  const queue = new RemovalQueue()
  let added = 0
  while (added < 100_000 && queue.add({ metric: 'a', labels: [`${added}`] })) added++
  t.equal(added, 10_000)
  t.ok(queue.add({ metric: 'a', labels: ['0'] }), 'one that it has')
})
