import t from 'tap'
import { isRun } from '../../../../examples/dynoai-api/jetstream/run.js'

const run = { id: 'run-0001', state: 'pending', vehicle: 'FXDLS 2021', updated_at: '2026-01-01T00:00:00.000Z' }

t.test('accepts a value with the four properties of a run and a known state', async t => {
  t.ok(isRun(run))
  t.ok(isRun({ ...run, state: 'error', more: 1 }))

  const others = [
    undefined, null, 'run', [], {}, { ...run, id: 1 }, { ...run, vehicle: null }, { ...run, updated_at: 0 },
    { ...run, state: 'finished' }, { ...run, state: undefined }
  ]
  for (const other of others) t.notOk(isRun(other), JSON.stringify(other))
})
