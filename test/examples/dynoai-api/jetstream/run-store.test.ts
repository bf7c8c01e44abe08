import t from 'tap'
import { RunStore } from '../../../../examples/dynoai-api/jetstream/run-store.js'
import type { JetstreamRun, RunState } from '../../../../examples/dynoai-api/jetstream/run.js'

const run = (id: string, state: RunState): JetstreamRun =>
  ({ id, state, vehicle: 'FXDLS 2021', updated_at: `${id} ${state}` })

t.test('reports a new run once, and each new state once', async t => {
  const store = new RunStore(10)

  t.same(store.update(run('a', 'pending')), { isNew: true, hasNewState: true })
  t.same(store.update(run('a', 'pending')), { isNew: false, hasNewState: false })
  t.same(store.update(run('a', 'error')), { isNew: false, hasNewState: true })
  t.same(store.get('a'), { ...run('a', 'error'), analysis: 'waiting', attempts: 0 })
  t.equal(store.get('b'), undefined)
})

t.test('lists the latest change first, and evicts the run that changed longest ago', async t => {
  const store = new RunStore(3)
  const ids = () => store.list().map(({ id }) => id)
  for (const id of ['a', 'b', 'c']) store.update(run(id, 'pending'))
  store.update(run('a', 'downloading'))
  store.update(run('b', 'pending'))
  t.same(ids(), ['a', 'c', 'b'])

  store.update(run('d', 'pending'))
  t.same(ids(), ['d', 'a', 'c'])
})

t.test('returns a complete run as waiting until its analysis is stored', async t => {
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
