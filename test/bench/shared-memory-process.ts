import { setTimeout as delay } from 'node:timers/promises'
import { serveParent } from './child.js'
import { usedMemory } from './heap.js'
import { createSharedSeries } from './shared-series.js'

// Measures the memory that series take in a process that is scraped.
// Arguments: the directory that it shares, or '' for a process alone; the number of series.
const [directory = '', series] = process.argv.slice(2)
const { fastify, observeAll } = await createSharedSeries(directory, Number(series))
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
const before = await settledMemory()
observeAll()
serveParent({ origin, pid: process.pid }, async () => ({ bytes: await settledMemory() - before }), () => process.exit())

// The second collection frees the memory of closed connections, after the event loop has closed their handles.
async function settledMemory (): Promise<number> {
  for (let i = 0; i < 2; i++) {
    usedMemory()
    await delay(100)
  }
  return usedMemory()
}
