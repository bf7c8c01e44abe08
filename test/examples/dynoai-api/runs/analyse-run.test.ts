import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { analyseLog, inspectLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { reportLayout } from '../../../../examples/dynoai-api/analysis/log-report.js'
import type { AnalyseLog } from '../../../../examples/dynoai-api/contracts.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { analyseRun } from '../../../../examples/dynoai-api/runs/analyse-run.js'
import { RunStore } from '../../../../examples/dynoai-api/runs/run-store.js'

/** Writes a log into a file, and creates its run. */
async function setUp (t: Test, text: string) {
  const path = join(t.testdir(), 'log')
  writeFileSync(path, text)
  const layout = await inspectLog({ path })
  return { path, layout, run: new RunStore(1).add('a', 'pull.csv', reportLayout(layout)) }
}

const log = generateLog({ rows: 100, cells: [{ rpm: 3000, map: 80, percent: 2 }] })

t.test('updates the run with the progress and the result of its analysis', async t => {
  const { path, layout, run } = await setUp(t, log)
  const progress: number[] = []
  const analyse: AnalyseLog = async (log, { filename, source, layout: known, onProgress }) => {
    t.strictSame([log, filename, source, known], [{ path }, 'pull.csv', 'upload', layout])
    t.match(run, { status: 'running', progress: 0, message: 'The log is being analysed.' })
    for (const part of [0.254, 1]) {
      onProgress?.(part)
      progress.push(run.progress)
    }
    return analyseLog(log)
  }
  await analyseRun(run, { path, layout }, analyse)
  t.strictSame(progress, [25, 99])
  t.match(run, {
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
    const { path, layout, run } = await setUp(t, text)
    await analyseRun(run, { path, layout }, log => analyseLog(log))
    t.equal(run.message, message)
  }
})

t.test('updates the run with the reason of a failed analysis', async t => {
  const { path, layout, run } = await setUp(t, log)
  await analyseRun(run, { path, layout }, async () => { throw new Error('The disk is broken.') })
  t.match(run, { status: 'error', message: 'The analysis failed.', error: 'The disk is broken.' })
  t.notOk(existsSync(path), 'the file is deleted')
})
