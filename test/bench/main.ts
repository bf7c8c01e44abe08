import { writeFileSync } from 'node:fs'
import { benchBusiness } from './business.js'
import { startChild } from './child.js'
import type { Child } from './child.js'
import { PROM_CLIENT } from './clients.js'
import { FOREIGN } from './exposed.js'
import type { HookCost } from './hooks.js'
import { startScrapedServer } from './latency.js'
import type { ScrapedServer } from './latency.js'
import { startServer } from './load.js'
import { startPipelinedServer } from './pipelined.js'
import type { PipelinedServer } from './pipelined.js'
import { report } from './report.js'
import type { Growth, Idle, Latency, Pipelined, Results, Scrapes, Turns } from './report.js'
import { interleave } from './rounds.js'
import { startIdle } from './sampler.js'
import type { ScrapeCost, Scraped } from './scrape-process.js'
import { OURS, SETUPS } from './setups.js'
import { startBusyServer } from './turns.js'

const HOOK_ROUNDS = 60
const LOAD_ROUNDS = 25
const GROWTH_ROUNDS = 15
/** How many routes, and with how many statuses each. */
const GROWTH = [[1, 1], [10, 1], [100, 1], [1000, 1], [10_000, 1], [1, 10], [10, 10], [100, 10], [1000, 10], [10_000, 10]] as const

/** The setups whose growth is measured. */
const GROWING = [OURS, 'fastify-metrics, histogram only', 'prom-client in a hook'] as const

/** The ways to expose that are compared. */
const EXPOSED = [OURS, PROM_CLIENT] as const
const SERIES = 10_000
const SCRAPE_ROUNDS = 20
const MANY_SERIES = 100_000
const MANY_SCRAPES = 100
const LATENCY_ROUNDS = 12
/** An idle minute with the sampler of the event-loop delay, and one without. */
const IDLE_ROUNDS = 3
const IDLE_SECONDS = 20

/** How many requests are pipelined, and what becomes of them. */
const PIPELINED = [1000, 10_000, 50_000].flatMap(count => [{ count, ending: 'answered' }, { count, ending: 'left' }] as const)
const PIPELINED_SETUPS = ['bare', OURS] as const
const PIPELINED_ROUNDS = 15

/** Series of the scrapes on a busy event loop, and the milliseconds of its turns. */
const BUSY_SERIES = [10, 600, 10_000]
const TURNS = [1, 5, 50, 500]
const TURN_ROUNDS = 3

const names = Object.keys(SETUPS)

const byName = <T>(results: readonly T[]): Map<string, T> => new Map(results.map((result, i) => [names[i] ?? '', result]))

async function benchHooks (): Promise<Map<string, HookCost[]>> {
  const children = await Promise.all(names.map(name => startChild<object, HookCost>('hooks-process.js', [name, 1, 1])))
  const results = await interleave(HOOK_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return byName(results)
}

async function benchLoad (): Promise<Map<string, number[]>> {
  const servers = await Promise.all(names.map(startServer))
  const results = await interleave(LOAD_ROUNDS, servers.map(server => server.measure))
  await Promise.all(servers.map(server => server.close()))
  return byName(results)
}

async function benchGrowth (): Promise<Growth[]> {
  const cases = GROWTH.flatMap(([routes, statuses]) => GROWING.map(name => ({ name, routes, statuses })))
  const children: Array<Child<{ bytesPerSeries: number }, HookCost>> = []
  for (const { name, routes, statuses } of cases) children.push(await startChild('hooks-process.js', [name, routes, statuses]))
  const results = await interleave(GROWTH_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return cases.map(({ name, routes, statuses }, i) => ({
    name,
    routes,
    series: routes * statuses,
    bytesPerSeries: children[i]?.ready.bytesPerSeries ?? NaN,
    nanoseconds: (results[i] ?? []).map(cost => cost.nanoseconds)
  }))
}

async function benchScrapes (): Promise<Map<string, Scrapes>> {
  const children: Array<Child<Scraped, ScrapeCost>> = []
  for (const name of EXPOSED) children.push(await startChild('scrape-process.js', [name, SERIES], []))
  const results = await interleave(SCRAPE_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return new Map(EXPOSED.map((name, i) => [name, { allocated: children[i]?.ready.allocated ?? NaN, costs: results[i] ?? [] }]))
}

async function benchManySeries (): Promise<ScrapeCost[]> {
  const child = await startChild<object, ScrapeCost>('scrape-process.js', [OURS, MANY_SERIES], [])
  // Each round scrapes twice.
  const [results = []] = await interleave(MANY_SCRAPES / 2, [child.ask])
  await child.close()
  return results
}

async function benchLatency (): Promise<Latency[]> {
  const servers: ScrapedServer[] = []
  for (const name of EXPOSED) servers.push(await startScrapedServer(name, SERIES))
  const results = await interleave(LATENCY_ROUNDS, servers.flatMap(server => [false, true].map(scraped => async () => await server.measure(scraped))))
  await Promise.all(servers.map(server => server.close()))
  return EXPOSED.map((name, i) => ({ name, alone: results[2 * i] ?? [], scraped: results[2 * i + 1] ?? [] }))
}

async function benchPipelined (): Promise<Pipelined[]> {
  const servers: PipelinedServer[] = []
  for (const name of PIPELINED_SETUPS) servers.push(await startPipelinedServer(name))
  const cases = PIPELINED.flatMap(({ count, ending }) =>
    servers.map(server => async () => await server.measure(count, ending)))
  const results = await interleave(PIPELINED_ROUNDS, cases)
  await Promise.all(servers.map(server => server.close()))
  return PIPELINED.map((pipelined, i) => ({ ...pipelined, bare: results[2 * i] ?? [], ours: results[2 * i + 1] ?? [] }))
}

async function benchSampler (): Promise<Idle> {
  const children = await Promise.all([startIdle('with', IDLE_SECONDS), startIdle('without', IDLE_SECONDS)])
  const [withSampler = [], without = []] = await interleave(IDLE_ROUNDS, children.map(child => child.ask))
  await Promise.all(children.map(child => child.close()))
  return { withSampler, without }
}

async function benchTurns (): Promise<Turns[]> {
  const results: Turns[] = []
  for (const series of BUSY_SERIES) {
    for (const name of [...EXPOSED, FOREIGN]) {
      const server = await startBusyServer(name, series)
      for (const encoding of name === PROM_CLIENT ? ['identity'] as const : ['identity', 'gzip'] as const) {
        const turns = await interleave(TURN_ROUNDS, TURNS.map(milliseconds => async () => await server.measure(milliseconds, encoding)))
        results.push({ name, encoding, bytes: server.bytes, turns: new Map(TURNS.map((milliseconds, i) => [milliseconds, turns[i] ?? []])) })
      }
      await server.close()
    }
  }
  return results
}

const SECTIONS: { readonly [Name in keyof Results]: () => Promise<Results[Name]> } = {
  hooks: benchHooks,
  load: benchLoad,
  growth: benchGrowth,
  scrapes: benchScrapes,
  manySeries: benchManySeries,
  latency: benchLatency,
  pipelined: benchPipelined,
  sampler: benchSampler,
  turns: benchTurns,
  business: benchBusiness
}

async function measure<Name extends keyof Results> (results: Partial<Results>, name: Name): Promise<void> {
  results[name] = await SECTIONS[name]()
}

const all = Object.keys(SECTIONS) as Array<keyof Results>
const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !Object.hasOwn(SECTIONS, name))
if (unknown !== undefined) throw new Error(`There is no section '${unknown}', only ${all.join(', ')}`)
const results: Partial<Results> = {}
for (const name of all) if (wanted.length === 0 || wanted.includes(name)) await measure(results, name)
const text = report(results)
console.log(text)
if (wanted.length === 0) writeFileSync(new URL('../RESULTS.md', import.meta.url), text)
