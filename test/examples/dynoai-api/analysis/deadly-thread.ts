import { parentPort } from 'node:worker_threads'
import type { JobEvent, Order } from '../../../../examples/dynoai-api/analysis/thread-messages.js'

/** First bytes of logs: the job ends the thread, or it ends itself only at its second try. */
export const DEADLY = 1
export const SLOW = 2

const send = (event: Pick<JobEvent, 'id'> & Readonly<Record<string, unknown>>) => parentPort?.postMessage(event)

// The second byte of a log counts its tries.
parentPort?.on('message', (order: Order) => {
  if (order === 'close') parentPort?.close()
  if (typeof order === 'string' || !('bytes' in order.log)) return
  const { id, log: { bytes } } = order
  const triesBefore = Atomics.add(bytes, 1, 1)
  send({ id, report: {} })
  if (bytes[0] === DEADLY) throw new Error('A fault outside of a job.')
  if (bytes[0] === SLOW && triesBefore === 0) return
  send({ id, progress: 1 })
  send({ id, result: {} })
})
