import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import type { AnalyseLog } from '../../../../examples/dynoai-api/contracts.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { EmptyLogError } from '../../../../examples/dynoai-api/dyno-log/errors.js'
import { analyseRun } from '../../../../examples/dynoai-api/runs/analyse-run.js'
import { RunStore } from '../../../../examples/dynoai-api/runs/run-store.js'
import { EMPTY_REPORT } from '../empty-report.js'

const unknown = { message: "There is no run 'a'." }
const log = generateLog({ rows: 100, cells: [{ rpm: 3000, map: 80, percent: 2 }] })

/** Writes a log into a file. `start` analyses it as the run `a`. */
function setUp (t: Test, text: string) {
  const path = join(t.testdir(), 'log')
  writeFileSync(path, text)
  const store = new RunStore(1)
  const accepted: unknown[] = []
  const logged: unknown[] = []
  const logger = {
    ...Fastify().log,
    info: (error: unknown) => { logged.push('info', error) },
    error: (error: unknown) => { logged.push('error', error) }
  }
  const start = (analyse: AnalyseLog = analyseLog) => analyseRun({ runId: 'a', filename: 'pull.csv', path }, {
    analyse, store, log: logger, onAccepted: run => accepted.push(run)
  })
  return { path, store, accepted, logged, start }
}

t.test('adds a run after the inspection, and updates it with the progress and the result', async t => {
  const { path, store, accepted, start } = setUp(t, log)
  const progress: number[] = []
  await start(async (log, { source, onInspected, onProgress }) => {
    t.strictSame([log, source], [{ path }, 'upload'])
    t.throws(() => store.get('a'), unknown)
    const result = await analyseLog(log, { onInspected })
    t.strictSame(accepted, [{ runId: 'a', status: 'queued', message: 'The log is waiting for its analysis.' }])
    t.match(store.get('a'), { status: 'running', progress: 0, message: 'The log is being analysed.' })
    for (const part of [0.254, 1]) {
      onProgress?.(part)
      progress.push(store.get('a').progress)
    }
    return result
  })
  t.strictSame(progress, [25, 99])
  t.match(store.get('a'), {
    status: 'completed',
    progress: 100,
    message: 'The analysis is complete. Cells to correct: 1.',
    log: { rows: { read: 100, used: 100 } },
    result: { correctionsCount: 1 }
  })
  t.notOk(existsSync(path), 'the file is deleted')
})

t.test('says that most rows were dropped, that a cylinder is missing, and what stands in for torque', async t => {
  const cases: Array<[log: string, message: string]> = [
    [log.replaceAll(/(?<=\n[\d.]+,)[345]\d{3}/g, '99'),
      'The analysis is complete. Cells to correct: 1. Most rows were dropped: ' +
        '60 of 100 rows are not used: 60 outside 400 to 8000 rpm.'],
    [log.replaceAll(/(?<=(?:,[\d.]+){9},)1[\d.]+/g, '22.4'),
      'The analysis is complete. Cells to correct: 1. The rear cylinder has no usable measurement.'],
    [log.replace('Torque', 'Mass'),
      'The analysis is complete. Cells to correct: 1. Torque is power × 5252 / rpm.'],
    [log.replace('Torque,HP', 'Mass,Height'),
      'The analysis is complete. Cells to correct: 1. ' +
        'MAP weights the rows, because the log has neither torque nor power.']
  ]
  for (const [text, message] of cases) {
    const { store, start } = setUp(t, text)
    await start()
    t.equal(store.get('a').message, message)
  }
})

t.test('updates the run with the reason of a failed analysis, and hides that of a fault of the service', async t => {
  const empty = new EmptyLogError()
  const disk = new Error('EIO: i/o error, read /tmp/log')
  const internal = 'Internal error. The log of the service has the details.'
  const cases: Array<[error: Error, message: string, logged: unknown[]]> = [
    [empty, 'The log is empty.', ['info', empty]], [disk, internal, ['error', disk]]
  ]
  for (const [error, message, expected] of cases) {
    const { path, store, logged, start } = setUp(t, log)
    await start(async (_, { onInspected }) => {
      onInspected?.(EMPTY_REPORT)
      throw error
    })
    t.match(store.get('a'), { status: 'error', message: 'The analysis failed.', error: message })
    t.strictSame(logged, expected)
    t.notOk(existsSync(path), 'the file is deleted')
  }
})

t.test('rejects when the inspection refuses the log, without a run', async t => {
  const { path, store, accepted, start } = setUp(t, '')
  await t.rejects(start(), { code: 'DYNOAI_ERR_LOG_EMPTY' })
  t.throws(() => store.get('a'), unknown)
  t.strictSame(accepted, [])
  t.notOk(existsSync(path), 'the file is deleted')
})
