import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { CpuTime } from './busy-process.js'
import { startChild } from './child.js'
import type { Child } from './child.js'
import { AGGREGATION, ONE_LARGE_PROCESS, ONE_PROCESS, SEVERAL_PROCESSES } from './names.js'
import type {
  ProcessesGrowthResult, ProcessesMemoryResult, ProcessesResult, ProcessesScrapeResult, StoppedResult, WritingResult
} from './results.js'
import { interleave } from './rounds.js'
import { medianOf, medianRatio, summarise } from './statistics.js'

const PROCESSES = 8
const SERIES = 5000
const SCRAPE_ROUNDS = 6
const STOPPED_ROUNDS = 20
const WRITING_ROUNDS = 5
/** How long the CPU time of a busy process is measured, in milliseconds. */
const WRITING_WINDOW = 5000
/** Fewer with many series, each of which takes seconds. */
const growthRounds = (series: number): number => series < 100_000 ? 7 : 3
const GROWTH_PROCESSES = [1, 4, 16, 64]
const GROWTH_SERIES = [100, 1000, 10_000, 100_000]

/** A process that responds to scrapes. */
interface Target {
  readonly origin: string
  readonly pid: number
}

type ScrapedChild = Child<Target, { readonly block: number }>

interface ScrapeCost {
  readonly milliseconds: number
  readonly block: number
  readonly exposedBytes: number
}

/** Measures services with several processes. */
export async function benchProcesses (): Promise<ProcessesResult> {
  return await withDirectories(async createDirectory => ({
    ...await benchScrapesAndStopped(createDirectory()),
    writing: await benchWriting(createDirectory()),
    memory: await benchMemory(createDirectory()),
    growth: await benchGrowth(createDirectory)
  }))
}

async function withDirectories<T> (bench: (createDirectory: () => string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'bench-processes-'))
  try {
    return await bench(() => mkdtempSync(join(root, 'service-')))
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function benchScrapesAndStopped (directory: string): Promise<Pick<ProcessesResult, 'scrapes' | 'stopped'>> {
  const service = await startService(directory, 'shared-process.js', [])
  const [answering, stoppable] = service as [ScrapedChild, ScrapedChild]
  const targets: ReadonlyArray<readonly [string, ScrapedChild]> = [
    [SEVERAL_PROCESSES, answering],
    [AGGREGATION, await startChild('aggregation-process.js', [PROCESSES, SERIES], [])],
    [ONE_PROCESS, await startChild('shared-process.js', ['', SERIES], [])],
    [ONE_LARGE_PROCESS, await startChild('shared-process.js', ['', PROCESSES * SERIES], [])]
  ]
  const costs = await interleave(SCRAPE_ROUNDS, targets.map(([, child]) => async () => await measureScrape(child)))
  const stopped = await benchStopped(answering, stoppable)
  await closeAll([...service, ...targets.slice(1).map(([, child]) => child)])
  return { scrapes: targets.map(([name], i) => scrapeResult(name, costs[i] ?? [], costs[0] ?? [])), stopped }
}

function scrapeResult (
  name: string, costs: readonly ScrapeCost[], several: readonly ScrapeCost[]
): ProcessesScrapeResult {
  const ratioOf = (field: keyof ScrapeCost): number => medianRatio(fieldOf(several, field), fieldOf(costs, field))
  return {
    name,
    milliseconds: summarise(fieldOf(costs, 'milliseconds')),
    block: summarise(fieldOf(costs, 'block')),
    exposedBytes: medianOf(fieldOf(costs, 'exposedBytes')),
    ratios: costs === several ? undefined : { milliseconds: ratioOf('milliseconds'), block: ratioOf('block') }
  }
}

async function benchStopped (answering: ScrapedChild, { ready: { pid } }: ScrapedChild): Promise<StoppedResult> {
  const { origin } = answering.ready
  const [running = [], stopped = []] = await interleave(STOPPED_ROUNDS, [
    async () => (await scrape(origin)).milliseconds,
    async () => {
      process.kill(pid, 'SIGSTOP')
      try {
        return (await scrape(origin)).milliseconds
      } finally {
        process.kill(pid, 'SIGCONT')
      }
    }
  ])
  return { running: summarise(running), stopped: summarise(stopped), ratio: medianRatio(stopped, running) }
}

async function benchWriting (directory: string): Promise<WritingResult> {
  const start = async (directory: string): Promise<Child<object, CpuTime>> =>
    await startChild('busy-process.js', [directory, SERIES], [])
  const children = await Promise.all([start(directory), start('')])
  // Both at the same time: other load of the machine affects both alike.
  const [percents = []] = await interleave(WRITING_ROUNDS, [async () => {
    const before = await Promise.all(children.map(child => child.request()))
    await delay(WRITING_WINDOW)
    const after = await Promise.all(children.map(child => child.request()))
    return after.map(({ cpu, at }, i) => {
      const start = before[i] ?? { cpu: NaN, at: NaN }
      return 100 * (cpu - start.cpu) / (at - start.at)
    })
  }])
  await closeAll(children)
  const [shared, alone, difference] = [
    percents.map(([shared = NaN]) => shared), percents.map(([, alone = NaN]) => alone),
    percents.map(([shared = NaN, alone = NaN]) => shared - alone)
  ].map(medianOf) as [number, number, number]
  return { shared, alone, difference }
}

async function benchMemory (directory: string): Promise<ProcessesMemoryResult> {
  const measure = async (child: Child<Target, { readonly bytes: number }>): Promise<number> => {
    for (let i = 0; i < 3; i++) await scrape(child.ready.origin)
    const { bytes } = await child.request()
    await child.close()
    return bytes
  }
  const start = async (directory: string): Promise<Child<Target, { readonly bytes: number }>> =>
    await startChild('shared-memory-process.js', [directory, SERIES], ['--expose-gc'])
  const alone = await measure(await start(''))
  const others = await startService(directory, 'shared-process.js', [], PROCESSES - 1)
  const merged = await measure(await start(directory))
  await closeAll(others)
  return { alone, merged }
}

async function benchGrowth (createDirectory: () => string): Promise<ProcessesGrowthResult[]> {
  const results: ProcessesGrowthResult[] = []
  for (const series of GROWTH_SERIES) {
    for (const processes of GROWTH_PROCESSES) {
      const directory = createDirectory()
      const others = await startChild('slots-process.js', [directory, processes - 1, series], [])
      const answering: ScrapedChild = await startChild('shared-process.js', [directory, series], [])
      const [costs = []] = await interleave(growthRounds(series), [async () => await measureScrape(answering)])
      results.push({
        processes,
        series,
        milliseconds: medianOf(fieldOf(costs, 'milliseconds')),
        block: medianOf(fieldOf(costs, 'block')),
        exposedBytes: medianOf(fieldOf(costs, 'exposedBytes')),
        sharedBytes: sizeOf(directory)
      })
      await closeAll([others, answering])
      rmSync(directory, { recursive: true })
    }
  }
  return results
}

/** Starts processes that share a directory. */
async function startService (
  directory: string, module: string, execArgv: readonly string[], processes = PROCESSES
): Promise<ScrapedChild[]> {
  return await Promise.all(Array.from({ length: processes }, async () =>
    await startChild<Target, { readonly block: number }>(module, [directory, SERIES], execArgv)))
}

async function closeAll (children: ReadonlyArray<Pick<Child<unknown, unknown>, 'close'>>): Promise<void> {
  await Promise.all(children.map(async child => { await child.close() }))
}

/** Scrapes twice: for the time, and for the longest block, since watching the event loop takes time. */
async function measureScrape (child: ScrapedChild): Promise<ScrapeCost> {
  const cost = await scrape(child.ready.origin)
  await child.request()
  await scrape(child.ready.origin)
  const { block } = await child.request()
  return { ...cost, block }
}

/** Scrapes without compression, and returns the time until the last byte. */
async function scrape (origin: string): Promise<Omit<ScrapeCost, 'block'>> {
  const start = performance.now()
  const [response] = await once(get(`${origin}/metrics`, { agent: false }), 'response') as [IncomingMessage]
  let exposedBytes = 0
  for await (const chunk of response) exposedBytes += (chunk as Buffer).length
  // 504: prom-client waits 5 s for its workers. It counts as that time, though there are no metrics.
  if (![200, 504].includes(response.statusCode ?? 0)) throw new Error(`A scrape has the status ${response.statusCode}`)
  return { milliseconds: performance.now() - start, exposedBytes }
}

function sizeOf (directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}

const fieldOf = <Cost>(costs: readonly Cost[], field: keyof Cost): number[] => costs.map(cost => Number(cost[field]))
