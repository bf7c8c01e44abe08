import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AnalysisResult } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { analyseRun } from '../../../../examples/dynoai-api/runs/analyse-run.js'
import { RunStore } from '../../../../examples/dynoai-api/runs/run-store.js'

const result: AnalysisResult = { rpm: [3000], load: [80], corrections: [[2]], correctionsCount: 1, magnitudePercent: 2 }

t.test('updates the run with the progress and the result of its analysis', async t => {
  const bytes = 200_000
  const path = join(t.testdir(), 'log')
  writeFileSync(path, Buffer.alloc(bytes))
  const run = new RunStore(1).add('a', 'pull.csv')
  const progress: number[] = []
  await analyseRun(run, { path, bytes }, async (log, about) => {
    t.same(about, { filename: 'pull.csv', source: 'upload' })
    t.match(run, { status: 'running', progress: 0, message: 'The log is being analysed.' })
    for await (const chunk of log) {
      t.ok(chunk.length > 0)
      progress.push(run.progress)
    }
    return result
  })
  t.same(progress, [32, 65, 98, 99], '64 KiB at a time')
  t.same(run, {
    runId: 'a',
    filename: 'pull.csv',
    status: 'completed',
    progress: 100,
    message: 'The analysis is complete. Cells to correct: 1.',
    result
  })
  t.notOk(existsSync(path), 'the file is deleted')
})

t.test('updates the run with the reason of a failed analysis', async t => {
  const path = join(t.testdir({ log: 'rpm' }), 'log')
  const run = new RunStore(1).add('a', 'pull.csv')
  await analyseRun(run, { path, bytes: 3 }, async () => { throw new Error('The log is not a well-formed table.') })
  t.match(run, { status: 'error', message: 'The analysis failed.', error: 'The log is not a well-formed table.' })
  t.notOk(existsSync(path), 'the file is deleted')
})
