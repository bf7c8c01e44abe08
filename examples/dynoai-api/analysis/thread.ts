import { parentPort } from 'node:worker_threads'
import type { Log } from '../dyno-log/log.js'
import { analyseLog } from './analyse-log.js'
import type { JobEvent, Order } from './thread-messages.js'

// The module of a thread, which has a parent.
const parent = parentPort!

/** All jobs run at the same time and read their logs in turns, so a short log does not wait for a long one. */
parent.on('message', (order: Order) => {
  if (order === 'close') parent.close()
  else if (order === 'ping') parent.postMessage('pong')
  else run(order).catch(({ message, code, statusCode }) => send({ id: order.id, error: { message, code, statusCode } }))
})

async function run ({ id, log }: { id: number, log: Log }): Promise<void> {
  const result = await analyseLog(log, {
    onInspected: report => send({ id, report }),
    onProgress: progress => send({ id, progress })
  })
  send({ id, result })
}

function send (event: JobEvent): void {
  parent.postMessage(event)
}
