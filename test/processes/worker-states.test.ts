import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { listSlots } from '../../lib/processes/slots.js'
import { countStates, workersMetric } from '../../lib/processes/worker-states.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { fakeLinux, ownerOf, threadOf } from '../fixtures/processes/fake-system.js'

const NOW = 1_700_000_000_000

t.test('a process is live, stale after three intervals without a write, or gone', async t => {
  const directory = t.testdir({})
  const system = fakeLinux([1, 2, 3, 4, 5])
  /** Writes a file of a slot that is so old, in milliseconds. */
  const write = (name: string, age: number, text = ''): void => {
    const path = join(directory, name)
    writeFileSync(path, text)
    utimesSync(path, (NOW - age) / 1000, (NOW - age) / 1000)
  }
  const own = (slot: number, pid: number, age: number, fields = {}): void => {
    write(`${slot}.owner.1`, age, JSON.stringify(ownerOf(threadOf(pid), fields)))
  }
  own(0, 1, 1_000_000)
  own(1, 2, 1_000_000)
  write('1.values.1.1.0', 2900)
  write('1.values.1.1.1', 9000)
  own(2, 3, 1_000_000)
  write('2.values.1.1.0', 3100)
  write('2.values.1.1.1', 4000)
  own(3, 4, 2000)
  own(4, 5, 3100, { interval: 60_000 })
  own(5, 404, 0)
  own(6, 1, 0, { isReleased: true })
  own(7, 5, 3100, { interval: null })
  const slots = listSlots(directory, system)
  const options = { directory, ownSlot: 0, interval: 1000, now: NOW }
  t.strictSame(runToEnd(countStates(slots, options)), { live: 4, stale: 2, gone: 2 })
  t.strictSame(runToEnd(countStates(slots, { ...options, interval: 2000 })), { live: 5, stale: 1, gone: 2 })
})

t.test('the metric has a series for each state', async t => {
  const metric = workersMetric('shop_', () => ({ live: 3, stale: 0, gone: 1 }))
  t.match(metric, { name: 'shop_metrics_workers', type: 'gauge', aggregator: 'omit' })
  t.strictSame([...metric.values()], [
    { labels: { state: 'live' }, value: 3 },
    { labels: { state: 'stale' }, value: 0 },
    { labels: { state: 'gone' }, value: 1 }
  ])
})
