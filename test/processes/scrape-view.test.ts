import { rmSync } from 'node:fs'
import t from 'tap'
import { describeThread } from '../../lib/processes/owner.js'
import { ScrapeView, ScrapeViews } from '../../lib/processes/scrape-view.js'
import { listSlots, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { ownerOf } from '../fixtures/processes/fake-system.js'
import { createCounter, createGauge, seriesOf, writeSlot } from '../fixtures/processes/slots.js'

const OWN = { slot: 7, generation: 1, since: 1, families: [] }

t.test('merges the slots that are listed, and forgets those that are not', async t => {
  const directory = t.testdir({})
  const view = new ScrapeView(directory)
  const read = (): unknown => {
    const { slots } = runToEnd(view.merge(listSlots(directory), OWN))
    t.strictSame(slots.flatMap(({ problems }) => problems), [])
    return seriesOf(view.merged.families)
  }
  for (const [slot, count] of [[0, 1], [1, 2], [2, 4]] as const) {
    writeSlot({ directory, slot, families: [createCounter({ a: count })] })
  }
  t.strictSame(read(), { 'calls_total["a"]': [7] })
  rmSync(directory, { recursive: true })
  t.testdir({})
  writeSlot({ directory, slot: 1, families: [createCounter({ b: 3 })] })
  t.strictSame(read(), { 'calls_total["b"]': [3] })
})

t.test('an owner that has not written yet does not have the gauges of the one before', async t => {
  const directory = t.testdir({})
  const owner = ownerOf(describeThread())
  const slot = takeSlot(directory, owner)
  writeSlot({ directory, families: [createCounter({ a: 1 }), createGauge({ a: 5 })] })
  const view = new ScrapeView(directory)
  const read = (): unknown => {
    runToEnd(view.merge(listSlots(directory), OWN))
    return seriesOf(view.merged.families)
  }
  t.strictSame(read(), { 'calls_total["a"]': [1], 'users["a"]': [5] })
  releaseSlot(directory, slot)
  const { generation } = takeSlot(directory, owner)
  t.strictSame(read(), { 'calls_total["a"]': [1] })
  const slots = listSlots(directory)
  writeSlot({ directory, generation, families: [createGauge({ a: 7 })] })
  t.strictSame(read(), { 'users["a"]': [7] })
  writeSlot({ directory, generation: generation + 1, families: [createGauge({ a: 8 })] })
  runToEnd(view.merge(slots, OWN))
  t.strictSame(seriesOf(view.merged.families), { 'users["a"]': [8] }, 'the next owner has written since the listing')
})

t.test('each scrape in progress has its own view, and one is kept, that of the last to end', async t => {
  const views = new ScrapeViews(t.testdir({}))
  const taken = [views.take(), views.take(), views.take()]
  t.equal(new Set(taken).size, 3)
  for (const view of taken) views.release(view)
  const again = [views.take(), views.take(), views.take()]
  t.strictSame(again.map(view => taken.indexOf(view)), [2, -1, -1])
})
