import t, { type Test } from 'tap'
import { AnalysisThread } from '../../../../examples/dynoai-api/analysis/analysis-thread.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { toLog } from '../to-log.js'

function startThread (t: Test): AnalysisThread {
  const thread = new AnalysisThread()
  t.teardown(() => thread.close())
  return thread
}

t.test('inspects and analyses logs, with their progress', async t => {
  const thread = startThread(t)
  const log = toLog(generateLog({ rows: 2000, cells: [{ rpm: 3000, map: 80, percent: 2 }] }))
  const layout = await thread.inspect(log)
  t.match(layout, { encoding: 'UTF-8', rpm: { name: 'RPM' } })
  const progress: number[] = []
  t.match(await thread.analyse(log, layout, part => progress.push(part)), {
    correctionsCount: 1,
    log: { rows: { used: 2000 } }
  })
  t.strictSame(progress, [0.5, 1])
  t.match(await thread.analyse(log), { correctionsCount: 1 })
  await thread.analyse(log, layout)
})

t.test('rejects with the error of a bad log, and with those of reading', async t => {
  const thread = startThread(t)
  await t.rejects(thread.inspect(toLog('')), {
    message: 'The log is empty.',
    code: 'DYNOAI_ERR_LOG_EMPTY',
    statusCode: 400
  })
  await t.rejects(thread.analyse(toLog('a,b\n')), { code: 'DYNOAI_ERR_LOG_COLUMNS', statusCode: 422 })
  await t.rejects(thread.inspect({ path: '/no/such/log' }), { code: 'ENOENT', statusCode: undefined })
})

t.test('does not let a short log wait for long ones', async t => {
  const thread = startThread(t)
  const long = toLog(generateLog({ rows: 15_000 }))
  const ended: string[] = []
  const add = (name: string, job: Promise<unknown>) => job.then(() => { ended.push(name) })
  await Promise.all([
    add('long', thread.inspect(long)), add('long', thread.inspect(long)),
    add('short', thread.inspect(toLog(generateLog({ rows: 100 }))))
  ])
  t.equal(ended[0], 'short')
})

t.test('ends after the jobs that it has', async t => {
  const thread = new AnalysisThread()
  await thread.close()
  const inspected = thread.inspect(toLog(generateLog({ rows: 5000 })))
  await thread.close()
  t.match(await inspected, { encoding: 'UTF-8' })
})

t.test('rejects the jobs of a thread that ends unexpectedly, and starts another one', async t => {
  const thread = new AnalysisThread(new URL('./failing-thread.js', import.meta.url))
  const message = 'The thread of the analysis has ended.'
  const log = toLog('')
  await Promise.all([t.rejects(thread.inspect(log), { message }), t.rejects(thread.analyse(log), { message })])
  const failed = t.rejects(thread.inspect(log), { message })
  await thread.close()
  await failed
})

t.test('rejects a job that cannot be sent to the thread', async t => {
  const thread = startThread(t)
  await t.rejects(thread.inspect({ bytes: (() => {}) as unknown as Uint8Array }), { name: 'DataCloneError' })
})
