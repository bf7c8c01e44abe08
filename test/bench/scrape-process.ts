import { Session } from 'node:inspector/promises'
import type { HeapProfiler } from 'node:inspector'
import { serveParent } from './child.js'
import { BlockMonitor } from './event-loop.js'
import { createScrapeTarget } from './scrape-target.js'
import type { ScrapeTarget } from './scrape-target.js'

/** The message of a server that is ready. */
export interface ScrapeTargetReady {
  readonly origin: string
  /** Bytes that one scrape allocates, including those freed during it, as sampled by V8. */
  readonly allocatedBytes: number
}

/** Cost of one scrape. */
export interface ScrapeCost {
  readonly milliseconds: number
  /** The longest block of the event loop, in milliseconds. */
  readonly block: number
  readonly exposedBytes: number
  /** Resident memory of the process after the scrape. */
  readonly residentBytes: number
}

// Measures scrapes in a process with V8's default heap. Arguments: name of the scrape target, number of series.
const [name = '', series] = process.argv.slice(2)
const target = await createScrapeTarget(name, Number(series))
// Before the times are measured, and not together with them: sampling makes the code slower for a while.
const allocatedBytes = await sampleAllocation(target.scrape)
const ready: ScrapeTargetReady = { origin: target.fastify.listeningOrigin, allocatedBytes }
serveParent(ready, async () => await measure(target), () => process.exit())

async function measure ({ scrape }: ScrapeTarget): Promise<ScrapeCost> {
  const start = performance.now()
  const exposedBytes = await scrape()
  const milliseconds = performance.now() - start
  const monitor = new BlockMonitor()
  await monitor.start()
  await scrape()
  const block = await monitor.stop()
  return { milliseconds, block, exposedBytes, residentBytes: process.memoryUsage.rss() }
}

async function sampleAllocation (run: () => Promise<unknown>): Promise<number> {
  const session = new Session()
  session.connect()
  for (let i = 0; i < 5; i++) await run()
  const { arrayBuffers } = process.memoryUsage()
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 1024, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true
  })
  await run()
  const buffers = process.memoryUsage().arrayBuffers - arrayBuffers
  const { profile } = await session.post('HeapProfiler.stopSampling')
  session.disconnect()
  return sizeOf(profile.head) + Math.max(buffers, 0)
}

function sizeOf ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize)
}
