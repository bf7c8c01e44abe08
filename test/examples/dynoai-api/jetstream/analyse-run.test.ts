import t from 'tap'
import type { AnalyseLog } from '../../../../examples/dynoai-api/contracts.js'
import { analyseRun } from '../../../../examples/dynoai-api/jetstream/analyse-run.js'
import { JetstreamError, type JetstreamClient } from '../../../../examples/dynoai-api/jetstream/client.js'
import type { StoredRun } from '../../../../examples/dynoai-api/jetstream/run-store.js'
import { EMPTY_REPORT } from '../empty-report.js'

const run: StoredRun = {
  id: 'run-1', state: 'complete', vehicle: 'FXDLS', updated_at: '', analysis: 'waiting', attempts: 0, error: 'before'
}
const client = (downloadLog: JetstreamClient['downloadLog']): JetstreamClient =>
  ({ downloadLog, listRuns: async () => [], close: () => {} })
const analyse: AnalyseLog = async () =>
  ({ rpm: [], load: [], corrections: [], correctionsCount: 3, magnitudePercent: 4.5, log: EMPTY_REPORT })

t.test('downloads and analyses the log of a run', async t => {
  const analysed: unknown[] = []
  const bytes = Buffer.from('log of run-1')
  const result = await analyseRun(run, client(async () => bytes), async (log, about) => {
    analysed.push(log, about)
    return analyse(log, about)
  })

  t.strictSame(analysed, [{ bytes }, { source: 'jetstream' }])
  t.strictSame(result, {
    ...run, analysis: 'complete', attempts: 1, corrections_count: 3, magnitude_percent: 4.5, error: undefined
  })
})

t.test('tries up to three times to download a log', async t => {
  const failing = client(async () => { throw new JetstreamError('status', 'Jetstream responded with status 503.') })
  let last = run
  const outcomes = []
  for (let attempt = 1; attempt <= 3; attempt++) {
    last = await analyseRun(last, failing, analyse)
    outcomes.push([last.analysis, last.attempts, last.error])
  }

  const error = 'Jetstream responded with status 503.'
  t.strictSame(outcomes, [['waiting', 1, error], ['waiting', 2, error], ['error', 3, error]])
})

t.test('does not download a log again that cannot be analysed', async t => {
  const fail: AnalyseLog = async () => { throw new Error('The log is binary.') }
  const result = await analyseRun(run, client(async () => Buffer.of(0)), fail)

  t.strictSame(result, { ...run, analysis: 'error', attempts: 1, error: 'The log is binary.' })
})
