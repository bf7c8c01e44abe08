import t, { type Test } from 'tap'
import { AnalysisThreads } from '../../../../examples/dynoai-api/analysis/analysis-threads.js'
import { DEADLY, SLOW } from './deadly-thread.js'

/** Returns a log that counts how often it is read, and whose job may end the thread. */
function createLog (kind: number) {
  const bytes = new Uint8Array(new SharedArrayBuffer(2))
  bytes[0] = kind
  return { log: { bytes }, tries: () => bytes[1] }
}

function startThreads (t: Test): AnalysisThreads {
  const threads = new AnalysisThreads({ module: new URL('./deadly-thread.js', import.meta.url) })
  t.teardown(() => threads.close())
  return threads
}

const dead = { message: 'The thread of the analysis has ended.', cause: { message: 'A fault outside of a job.' } }

t.test('analyses each log of a thread that has ended once more, alone', async t => {
  const threads = startThreads(t)
  // The thread ends before it reads the last one.
  const kinds = [SLOW, DEADLY, 0]
  const logs = kinds.map(createLog)
  const events: string[] = []
  await Promise.all(logs.map(({ log }, index) => {
    const result = threads.analyse(log, {
      onInspected: () => events.push(`inspected ${index}`),
      onProgress: () => events.push(`progress ${index}`)
    })
    return kinds[index] === DEADLY ? t.rejects(result, dead) : result
  }))
  t.strictSame(logs.map(({ tries }) => tries()), [2, 2, 1])
  t.strictSame(events, ['inspected 0', 'inspected 1', 'progress 0', 'inspected 2', 'progress 2'])
  const next = createLog(0)
  await threads.analyse(next.log)
  t.equal(next.tries(), 1)
})

t.test('does not analyse a log again that was alone', async t => {
  const { log, tries } = createLog(DEADLY)
  await t.rejects(startThreads(t).analyse(log), dead)
  t.equal(tries(), 1)
})

t.test('ends after all jobs, also those that are analysed again', async t => {
  const threads = startThreads(t)
  const ended: string[] = []
  for (const kind of [SLOW, DEADLY]) {
    const add = (outcome: string) => () => { ended.push(outcome) }
    threads.analyse(createLog(kind).log).then(add('analysed'), add('failed'))
  }
  await threads.close()
  t.strictSame(ended, ['analysed', 'failed'])
})
