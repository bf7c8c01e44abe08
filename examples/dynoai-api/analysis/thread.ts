import { parentPort } from 'node:worker_threads'
import { analyseLog, computeCorrections, inspectLog } from './analyse-log.js'
import type { Job, JobEvent } from './thread-messages.js'

// The module of a thread, which has a parent.
const parent = parentPort!

/** All jobs run at the same time and read their logs in turns, so a short log does not wait for a long one. */
parent.on('message', (job: Job | 'close') => {
  if (job === 'close') parent.close()
  else run(job).catch(({ message, code, statusCode }) => send({ id: job.id, error: { message, code, statusCode } }))
})

async function run ({ id, task, log, layout }: Job): Promise<void> {
  const onProgress = (progress: number) => send({ id, progress })
  if (task === 'inspect') send({ id, result: await inspectLog(log) })
  else if (layout === undefined) send({ id, result: await analyseLog(log) })
  else send({ id, result: await computeCorrections(log, layout, onProgress) })
}

function send (event: JobEvent): void {
  parent.postMessage(event)
}
