import { Session } from 'node:inspector/promises'
import type { HeapProfiler } from 'node:inspector'
import { serveParent } from './child.js'
import { exposeSeries } from './exposed.js'
import type { Exposed } from './exposed.js'

/** What is known of a server before it is measured. */
export interface Scraped {
  readonly origin: string
  /** Bytes that a scrape allocates, also those freed meanwhile, as V8 samples them. */
  readonly allocated: number
}

/** What one scrape costs. */
export interface ScrapeCost {
  readonly milliseconds: number
  /** The longest that the event loop was held, in milliseconds. */
  readonly block: number
  readonly exposed: number
  /** Resident memory of the process behind it. */
  readonly resident: number
}

// Measures scrapes of as many series as the arguments say, in a process with V8's default heap.
const [name = '', series] = process.argv.slice(2)
const exposed = await exposeSeries(name, Number(series))
// Before the times and apart from them: code that V8 has watched allocating is slower for a while.
const allocated = await allocation(exposed.scrape)
serveParent({ origin: exposed.fastify.listeningOrigin, allocated } satisfies Scraped, async () => await measure(exposed), () => process.exit())

async function measure ({ scrape }: Exposed): Promise<ScrapeCost> {
  const start = performance.now()
  const bytes = await scrape()
  const milliseconds = performance.now() - start
  return { milliseconds, block: await longestBlock(scrape), exposed: bytes, resident: process.memoryUsage.rss() }
}

async function longestBlock (run: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  let running = true
  const tick = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (running) setImmediate(tick)
  }
  await new Promise<void>(resolve => { setImmediate(() => { tick(); resolve() }) })
  await run()
  await new Promise(resolve => { setImmediate(resolve) })
  running = false
  return longest
}

async function allocation (run: () => Promise<unknown>): Promise<number> {
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
