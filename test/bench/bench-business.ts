import { blockResult, fieldOf } from './bench-scrapes.js'
import type { CallCost } from './calls.js'
import { startChild } from './child.js'
import { loadClient } from './clients.js'
import type { Cost } from './hooks.js'
import { DYNOAI_METRICS, HISTOGRAM_SERIES, MIXED_SERIES, PROM_CLIENT, PROMETHEUS_IO_CLIENT } from './names.js'
import type {
  BusinessResult, BusinessScrapeResult, CallResult, ClientCallResult, MemoryResult, OperationResult, SeriesMemory
} from './results.js'
import { interleave } from './rounds.js'
import type { ScrapeCost } from './scrape-process.js'
import { medianOf, medianRatio, summarise } from './statistics.js'

const CALL_ROUNDS = 40
const MEMORY_SERIES = 50_000
const TYPES = ['counter', 'gauge', 'histogram']
const SCRAPE_ROUNDS = 8
/** Scrape targets with their numbers of series. */
const SCRAPE_TARGETS = [
  [DYNOAI_METRICS, 10_000], [MIXED_SERIES, 10_000], [MIXED_SERIES, 100_000], [HISTOGRAM_SERIES, 40_000]
] as const

/** Measures the business metrics of all clients that can be loaded. */
export async function benchBusiness (): Promise<BusinessResult> {
  const clients = await loadableClients()
  return {
    calls: await benchCalls(clients),
    memory: await benchMemory(clients),
    scrapeRounds: SCRAPE_ROUNDS,
    scrapes: await benchBusinessScrapes()
  }
}

async function loadableClients (): Promise<string[]> {
  const clients = [DYNOAI_METRICS, PROM_CLIENT]
  if (await loadClient(PROMETHEUS_IO_CLIENT) !== undefined) clients.push(PROMETHEUS_IO_CLIENT)
  return clients
}

type CallRound = Readonly<Record<string, CallCost>>

async function benchCalls (clients: readonly string[]): Promise<CallResult[]> {
  const start = async (name: string) => await startChild<object, CallRound>('calls-process.js', [name])
  const children = await Promise.all(clients.map(start))
  const results = await interleave(CALL_ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  const dynoaiRounds = results[clients.indexOf(DYNOAI_METRICS)] ?? []
  return Object.keys(dynoaiRounds[0] ?? {}).map(call => {
    const dynoaiCosts = costsOf(dynoaiRounds, call)
    return {
      call,
      emptyMethod: operationResult(dynoaiCosts.map(cost => cost.empty)),
      clients: Object.fromEntries(clients.map((name, i) => {
        const costs = costsOf(results[i] ?? [], call)
        const ratio = name === DYNOAI_METRICS ? undefined : medianRatio(timesOf(dynoaiCosts), timesOf(costs))
        return [name, { ...withoutCallerBytes(costs), ratio } satisfies ClientCallResult]
      }))
    }
  })
}

const costsOf = (rounds: readonly CallRound[], call: string): CallCost[] => rounds.flatMap(round => round[call] ?? [])
const timesOf = (costs: readonly CallCost[]): number[] => costs.map(cost => cost.call.nanoseconds)

function operationResult (costs: readonly Cost[]): OperationResult {
  return {
    nanoseconds: summarise(costs.map(({ nanoseconds }) => nanoseconds)),
    bytes: medianOf(costs.map(({ bytes }) => bytes))
  }
}

function withoutCallerBytes (costs: readonly CallCost[]): OperationResult {
  return operationResult(costs.map(({ call: { nanoseconds, bytes }, empty }) => {
    return { nanoseconds, bytes: bytes - empty.bytes }
  }))
}

async function benchMemory (clients: readonly string[]): Promise<MemoryResult[]> {
  const results: MemoryResult[] = []
  for (const type of TYPES) {
    const byClient: Record<string, SeriesMemory> = {}
    for (const client of clients) byClient[client] = await measureMemory(client, type)
    results.push({ type, clients: byClient })
  }
  return results
}

/** Measures the memory of the series of one metric type in a new process. */
async function measureMemory (client: string, type: string): Promise<SeriesMemory> {
  const child = await startChild<SeriesMemory, never>('memory-process.js', [client, type, MEMORY_SERIES])
  await child.close()
  return child.ready
}

async function benchBusinessScrapes (): Promise<BusinessScrapeResult[]> {
  const children = await Promise.all(SCRAPE_TARGETS.map(target => {
    return startChild<object, ScrapeCost>('scrape-process.js', target, [])
  }))
  const results = await interleave(SCRAPE_ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  return SCRAPE_TARGETS.map(([name, series], i) => {
    const costs = results[i] ?? []
    return {
      mix: name === DYNOAI_METRICS ? 'requests' : name,
      series,
      milliseconds: medianOf(fieldOf(costs, 'milliseconds')),
      block: blockResult(costs),
      exposedBytes: medianOf(fieldOf(costs, 'exposedBytes'))
    }
  })
}
