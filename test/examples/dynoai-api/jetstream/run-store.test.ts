import t from 'tap'
import { RunStore } from '../../../../examples/dynoai-api/jetstream/run-store.js'
import type { JetstreamRun, RunState } from '../../../../examples/dynoai-api/jetstream/runs.js'

const run = (id: string, state: RunState): JetstreamRun => ({ id, state, vehicle: 'FXDLS 2021', updated_at: `${id} ${state}` })

t.test('says once that a run is new and once that it entered a state', async t => {
  const store = new RunStore(10)

  t.same(store.update(run('a', 'pending')), { isNew: true, hasEntered: true })
  t.same(store.update(run('a', 'pending')), { isNew: false, hasEntered: false })
  t.same(store.update(run('a', 'error')), { isNew: false, hasEntered: true })
  t.same(store.get('a'), { ...run('a', 'error'), analysis: 'waiting', attempts: 0 })
  t.equal(store.get('b'), undefined)
})

t.test('lists the run that changed last first, and forgets the one that changed longest ago', async t => {
  const store = new RunStore(3)
  const ids = () => store.list().map(({ id }) => id)
  for (const id of ['a', 'b', 'c']) store.update(run(id, 'pending'))
  store.update(run('a', 'downloading'))
  store.update(run('b', 'pending'))
  t.same(ids(), ['a', 'c', 'b'])

  store.update(run('d', 'pending'))
  t.same(ids(), ['d', 'a', 'c'])
})

t.test('a complete run waits until its analysis is put', async t => {
  const store = new RunStore(3)
  for (const state of ['pending', 'complete', 'error'] as const) store.update(run(state, state))
  const waiting = store.waiting()
  t.same(waiting.map(({ id }) => id), ['complete'])

  for (const run of waiting) store.put({ ...run, attempts: 1 })
  t.same(store.waiting().map(({ attempts }) => attempts), [1])

  for (const run of waiting) store.put({ ...run, analysis: 'complete' })
  t.same(store.waiting(), [])
  t.match(store.get('complete'), { state: 'complete', analysis: 'complete' })
})
