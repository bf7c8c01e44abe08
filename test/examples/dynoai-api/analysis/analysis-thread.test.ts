import t, { type Test } from 'tap'
import { AnalysisThread } from '../../../../examples/dynoai-api/analysis/analysis-thread.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { toLog } from '../to-log.js'

function startThread (t: Test): AnalysisThread {
  const thread = new AnalysisThread()
  t.teardown(() => thread.close())
  return thread
}

t.test('inspects and analyses logs, and tells how they are understood and their progress', async t => {
  const thread = startThread(t)
  const log = toLog(generateLog({ rows: 2000, cells: [{ rpm: 3000, map: 80, percent: 2 }] }))
  const events: unknown[] = []
  const result = await thread.analyse(log, {
    onInspected: report => events.push(report),
    onProgress: part => events.push(part)
  })
  t.match(result, { correctionsCount: 1, log: { rows: { used: 2000 } } })
  t.match(events, [{ encoding: 'UTF-8', columns: { rpm: { name: 'RPM' } } }, 0.5, 1])
  t.match(await thread.analyse(log), { correctionsCount: 1 })
})

t.test('rejects with the error of a bad log, and with those of reading', async t => {
  const thread = startThread(t)
  await t.rejects(thread.analyse(toLog('')), {
    message: 'The log is empty.',
    code: 'DYNOAI_ERR_LOG_EMPTY',
    statusCode: 400
  })
  await t.rejects(thread.analyse(toLog('a,b\n')), { code: 'DYNOAI_ERR_LOG_COLUMNS', statusCode: 422 })
  await t.rejects(thread.analyse({ path: '/no/such/log' }), { code: 'ENOENT', statusCode: undefined })
})

t.test('does not let a short log wait for long ones', async t => {
  const thread = startThread(t)
  const long = toLog(generateLog({ rows: 15_000 }))
  const ended: string[] = []
  const add = (name: string, job: Promise<unknown>) => job.then(() => { ended.push(name) })
  await Promise.all([
    add('long', thread.analyse(long)), add('long', thread.analyse(long)),
    add('short', thread.analyse(toLog(generateLog({ rows: 100 }))))
  ])
  t.equal(ended[0], 'short')
})

t.test('ends after the jobs that it has', async t => {
  const thread = new AnalysisThread()
  await thread.close()
  const analysed = thread.analyse(toLog(generateLog({ rows: 5000 })))
  await thread.close()
  t.match(await analysed, { log: { encoding: 'UTF-8' } })
})

t.test('rejects the jobs of a thread that ends unexpectedly, with the cause, and starts another one', async t => {
  const thread = new AnalysisThread({ module: new URL('./failing-thread.js', import.meta.url) })
  const error = { message: 'The thread of the analysis has ended.', cause: { message: 'A fault outside of a job.' } }
  await Promise.all([t.rejects(thread.analyse(toLog('')), error), t.rejects(thread.analyse(toLog('')), error)])
  const failed = t.rejects(thread.analyse(toLog('')), error)
  await thread.close()
  await failed
})

t.test('rejects the jobs of a thread that has no memory left, and not the next ones', async t => {
  const thread = new AnalysisThread({ module: new URL('./greedy-thread.js', import.meta.url), maxHeapMib: 16 })
  await t.rejects(thread.analyse(toLog('')), { cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
  await t.rejects(thread.analyse(toLog('')), { cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } }, 'of the next thread')
})

t.test('ends a thread that no longer answers', async t => {
  const thread = new AnalysisThread({ module: new URL('./endless-thread.js', import.meta.url), maxSilenceMs: 50 })
  await t.rejects(thread.analyse(toLog('')), { cause: { message: 'The thread has not answered for 50 ms.' } })
})

t.test('rejects a job that cannot be sent to the thread', async t => {
  const thread = startThread(t)
  await t.rejects(thread.analyse({ bytes: (() => {}) as unknown as Uint8Array }), { name: 'DataCloneError' })
})
