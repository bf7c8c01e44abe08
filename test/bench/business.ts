import type { CallCost } from './calls.js'
import { startChild } from './child.js'
import { loadClient, PROM_CLIENT, SUCCESSOR } from './clients.js'
import { HISTOGRAMS, MIXED } from './exposed.js'
import { weighHeld } from './held.js'
import type { Held } from './held.js'
import { interleave } from './rounds.js'
import type { ScrapeCost } from './scrape-process.js'
import { OURS } from './setups.js'

/** What business metrics cost: their calls, the memory of their series, and scrapes of them. */
export interface Business {
  /** By client, in each round, by call. */
  readonly calls: ReadonlyMap<string, ReadonlyArray<Readonly<Record<string, CallCost>>>>
  /** By type of metric, by client. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, Held>>
  readonly scrapes: readonly BusinessScrapes[]
}

/** Scrapes of so many series, and what these are of. */
export interface BusinessScrapes {
  readonly name: string
  readonly series: number
  readonly costs: readonly ScrapeCost[]
}

const CALL_ROUNDS = 40
const HELD_SERIES = 50_000
const TYPES = ['counter', 'gauge', 'histogram']
const SCRAPE_ROUNDS = 8
/** What is scraped, and of how many series. */
const SCRAPED = [[OURS, 10_000], [MIXED, 10_000], [MIXED, 100_000], [HISTOGRAMS, 40_000]] as const

/** Measures the business metrics of all clients that can be loaded. */
export async function benchBusiness (): Promise<Business> {
  const clients = await loadedClients()
  return { calls: await benchCalls(clients), held: await benchHeld(clients), scrapes: await benchBusinessScrapes() }
}

async function loadedClients (): Promise<string[]> {
  const clients = [OURS, PROM_CLIENT]
  if (await loadClient(SUCCESSOR) !== undefined) clients.push(SUCCESSOR)
  return clients
}

async function benchCalls (clients: readonly string[]): Promise<Business['calls']> {
  const start = async (name: string) => await startChild<object, Record<string, CallCost>>('calls-process.js', [name])
  const children = await Promise.all(clients.map(start))
  const results = await interleave(CALL_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return new Map(clients.map((name, i) => [name, results[i] ?? []]))
}

async function benchHeld (clients: readonly string[]): Promise<Business['held']> {
  const held = new Map<string, Map<string, Held>>()
  for (const type of TYPES) {
    const byClient = new Map<string, Held>()
    for (const client of clients) byClient.set(client, await weighHeld(client, type, HELD_SERIES))
    held.set(type, byClient)
  }
  return held
}

async function benchBusinessScrapes (): Promise<BusinessScrapes[]> {
  const children = await Promise.all(SCRAPED.map(setup => {
    return startChild<object, ScrapeCost>('scrape-process.js', setup, [])
  }))
  const results = await interleave(SCRAPE_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return SCRAPED.map(([name, series], i) => ({ name, series, costs: results[i] ?? [] }))
}
