import { cpus, totalmem } from 'node:os'
import { createRequire } from 'node:module'
import type { Business } from './business.js'
import { businessSection } from './business-report.js'
import type { HookCost } from './hooks.js'
import { percent, table } from './markdown.js'
import type { Ending } from './pipelined.js'
import type { ScrapeCost } from './scrape-process.js'
import type { IdleCost } from './sampler.js'
import { OURS } from './setups.js'
import { medianRatio, summarise } from './statistics.js'

/** What one request costs as routes and series grow. */
export interface Growth {
  readonly name: string
  readonly routes: number
  readonly series: number
  readonly bytesPerSeries: number
  readonly nanoseconds: readonly number[]
}

/** The 99th percentiles of latencies, in milliseconds, of a server that is scraped and of the same that is not. */
export interface Latency {
  readonly name: string
  readonly alone: readonly number[]
  readonly scraped: readonly number[]
}

/** What scrapes of one setup cost. */
export interface Scrapes {
  readonly allocated: number
  readonly costs: readonly ScrapeCost[]
}

/** CPU time for one of so many requests on one connection, in microseconds, of bare Fastify and of ours. */
export interface Pipelined {
  readonly count: number
  readonly ending: Ending
  readonly bare: readonly number[]
  readonly ours: readonly number[]
}

/** What idle processes with and without the sampler of the event-loop delay take. */
export interface Idle {
  readonly withSampler: readonly IdleCost[]
  readonly without: readonly IdleCost[]
}

/** How many turns of the event loop scrapes of one size took, by the milliseconds of a turn. */
export interface Turns {
  readonly name: string
  readonly encoding: string
  /** Of the plain text. */
  readonly bytes: number
  readonly turns: ReadonlyMap<number, readonly number[]>
}

/** What one run has measured, by setup. */
export interface Results {
  readonly hooks: ReadonlyMap<string, readonly HookCost[]>
  readonly load: ReadonlyMap<string, readonly number[]>
  readonly growth: readonly Growth[]
  readonly scrapes: ReadonlyMap<string, Scrapes>
  readonly manySeries: readonly ScrapeCost[]
  readonly latency: readonly Latency[]
  readonly pipelined: readonly Pipelined[]
  readonly sampler: Idle
  readonly turns: readonly Turns[]
  readonly business: Business
}

const require = createRequire(import.meta.url)
const version = (name: string): string => `${name} ${require(`${name}/package.json`).version}`

/** The results of one run as Markdown; of the sections that were measured. */
export function report (results: Partial<Results>): string {
  const { hooks, load, growth, scrapes, manySeries, latency, pipelined, sampler, turns, business } = results
  const sections = [
    hooks && hooksSection(hooks),
    load && loadSection(load),
    growth && growthSection(growth),
    scrapes && scrapeSection(scrapes),
    manySeries && manySeriesSection(manySeries, scrapes?.get(OURS)?.costs ?? []),
    latency && latencySection(latency),
    pipelined && pipelinedSection(pipelined),
    sampler && samplerSection(sampler),
    turns && turnsSection(turns),
    business && businessSection(business)
  ]
  return [HEAD, ...sections.filter(section => section !== undefined)].join('\n\n') + '\n'
}

const HEAD = `# Benchmark

Written by \`npm run bench\`. All setups were measured in this one run, each in a process of its own, one after the other
in every round. The figures are medians over the rounds, the spread is half the distance between the quartiles, and a
ratio is the median of the ratios within a round. Absolute figures are this machine's; the ratios carry over.

- Machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB
- Versions: Node ${process.versions.node}, ${['fastify', 'fastify-metrics', 'prom-client'].map(version).join(', ')}`

function hooksSection (hooks: Results['hooks']): string {
  return `## The hooks alone

What the hooks of a setup take for one request, without Fastify around them. The loop that calls them is in it (\`bare\`).

${hooksTable(hooks)}`
}

function loadSection (load: Results['load']): string {
  return `## A server under load

CPU time of the server process for one request of a small route over loopback, keep-alive, 20 connections.

${loadTable(load)}`
}

function growthSection (growth: Results['growth']): string {
  return `## As routes and series grow

Nanoseconds per request in the hooks, with requests that jump between all routes and statuses, and behind them the bytes
that one series takes, with its labels. What grows in ${OURS} is the share of memory accesses that miss the processor's
caches: the work stays the same.

${growthTable(growth)}`
}

function scrapeSection (scrapes: Results['scrapes']): string {
  return `## A scrape of 10,000 series

One pass over a histogram of 10,000 series with 14 buckets, without HTTP around it: \`registry.metrics()\` of prom-client,
and the pass of ${OURS} into a reader that takes every chunk at once. A block is the longest time for which the event
loop was held; what is allocated is sampled by V8 once, with what is freed meanwhile. V8's default heap.

${scrapeTable(scrapes)}`
}

function manySeriesSection (manySeries: Results['manySeries'], fewSeries: readonly ScrapeCost[]): string {
  return `## A scrape of 100,000 series

${OURS} alone, over ${2 * manySeries.length} scrapes after the first few. The longest blocks are V8's collections of
young objects; a slice of the rendering is shorter.

${manySeriesTable(manySeries, fewSeries)}`
}

function latencySection (latency: Results['latency']): string {
  return `## Requests while 10,000 series are scraped

99th percentile of the latency of requests that a client sends every 4 ms over loopback, while a third process scrapes the
server once a second as Prometheus does, with gzip, beside the same without scrapes. prom-client's text is not compressed.
All three processes share the cores of the machine.

${latencyTable(latency)}`
}

function pipelinedSection (pipelined: Results['pipelined']): string {
  return `## Pipelined requests on one connection

CPU time of the server process for one of many requests that a client sends at once over one connection. The handler waits
until all have come. Then all are answered, or the first is and the client leaves. V8's default heap.

${pipelinedTable(pipelined)}`
}

function samplerSection (sampler: Results['sampler']): string {
  return `## The event-loop delay sampler

CPU time of an idle process, in percent of one core, with the timer that samples the delay of the event loop every 20 ms and
without it. Both processes live all the time; each round measures one after the other.

${samplerTable(sampler)}`
}

function turnsSection (turns: Results['turns']): string {
  return `## Scrapes on a busy event loop

Turns of the event loop that one scrape takes while others hold it for so many milliseconds in each of them, up to the last
byte that was handed to the system. The scraper is another process. prom-client's text is sent by a handler.

${turnsTable(turns)}`
}

function samplerTable ({ withSampler, without }: Idle): string {
  const median = (costs: readonly IdleCost[]): number => 100 * summarise(costs.map(({ share }) => share)).median
  const difference = withSampler.map(({ share }, i) => ({ share: share - (without[i]?.share ?? NaN) }))
  return table(['', '% of a core'], [
    ['without', median(without).toFixed(3)],
    ['with', median(withSampler).toFixed(3)],
    ['difference', median(difference).toFixed(3)]
  ])
}

function scrapeTable (scrapes: Results['scrapes']): string {
  const of = (name: string, field: keyof ScrapeCost) => (scrapes.get(name)?.costs ?? []).map(cost => cost[field])
  const allocated = (name: string): number => scrapes.get(name)?.allocated ?? NaN
  const cell = (name: string, field: keyof ScrapeCost, unit: number, digits: number): string[] => {
    const { median, spread } = summarise(of(name, field))
    return [`${(median / unit).toFixed(digits)} ${percent(spread)}`, name === OURS ? '' : `1/${(1 / medianRatio(of(OURS, field), of(name, field))).toFixed(1)}`]
  }
  return table(['', 'ms', `${OURS} takes`, 'longest block, ms', `${OURS} takes`, 'MB allocated', `${OURS} takes`, 'MB exposed'], [...scrapes.keys()].map(name => [
    name, ...cell(name, 'milliseconds', 1, 1), ...cell(name, 'block', 1, 2), (allocated(name) / 1e6).toFixed(2), name === OURS ? '' : `1/${(allocated(name) / allocated(OURS)).toFixed(0)}`, (summarise(of(name, 'exposed')).median / 1e6).toFixed(1)
  ]))
}

function manySeriesTable (costs: Results['manySeries'], fewSeries: readonly ScrapeCost[]): string {
  const median = (of: readonly ScrapeCost[], field: keyof ScrapeCost): number => summarise(of.map(cost => cost[field])).median
  const megabytes = (cost: ScrapeCost | undefined): string => ((cost?.resident ?? NaN) / 1e6).toFixed(0)
  return table(['', ''], [
    ['ms', median(costs, 'milliseconds').toFixed(0)],
    ['MB exposed', (median(costs, 'exposed') / 1e6).toFixed(0)],
    ['longest block, ms, median of the scrapes', median(costs, 'block').toFixed(2)],
    ['the same at 10,000 series', median(fewSeries, 'block').toFixed(2)],
    ['longest block, ms, of all scrapes', Math.max(...costs.map(({ block }) => block)).toFixed(2)],
    ['the same at 10,000 series', Math.max(...fewSeries.map(({ block }) => block)).toFixed(2)],
    ['resident memory, MB, at the begin, half-way and at the end', [costs[0], costs[Math.floor(costs.length / 2)], costs.at(-1)].map(megabytes).join(', ')]
  ])
}

function latencyTable (latency: Results['latency']): string {
  return table(['', 'p99 alone, ms', 'p99 while scraped, ms', 'ratio'], latency.map(({ name, alone, scraped }) => [
    name, ...[alone, scraped].map(summarise).map(({ median, spread }) => `${median.toFixed(2)} ${percent(spread)}`), medianRatio(scraped, alone).toFixed(2)
  ]))
}

function pipelinedTable (pipelined: Results['pipelined']): string {
  const cell = (numbers: readonly number[]): string => {
    const { median, spread } = summarise(numbers)
    return `${median.toFixed(2)} ${percent(spread)}`
  }
  const head = ['requests', 'then', 'bare, µs per request', `${OURS}, µs per request`, 'of bare Fastify']
  return table(head, pipelined.map(({ count, ending, bare, ours }) => [
    count, ending, cell(bare), cell(ours), medianRatio(ours, bare).toFixed(3)
  ]))
}

function hooksTable (hooks: Results['hooks']): string {
  const nanoseconds = (name: string) => (hooks.get(name) ?? []).map(cost => cost.nanoseconds)
  return table(['setup', 'ns per request', 'spread', 'bytes per request', `${OURS} takes`], [...hooks].map(([name, costs]) => {
    const { median, spread } = summarise(nanoseconds(name))
    const ratio = 1 / medianRatio(nanoseconds(OURS), nanoseconds(name))
    return [name, median.toFixed(0), percent(spread), summarise(costs.map(({ bytes }) => bytes)).median.toFixed(0),
      name === OURS || name === 'bare' ? '' : `1/${ratio.toFixed(1)}`]
  }))
}

function loadTable (load: Results['load']): string {
  const bare = load.get('bare') ?? []
  return table(['setup', 'µs per request', 'spread', 'of bare Fastify'], [...load].map(([name, microseconds]) => {
    const { median, spread } = summarise(microseconds)
    return [name, median.toFixed(2), percent(spread), medianRatio(microseconds, bare).toFixed(3)]
  }))
}

function growthTable (growth: Results['growth']): string {
  const names = [...new Set(growth.map(({ name }) => name))]
  const sizes = [...new Set(growth.map(({ routes, series }) => `${routes} ${series}`))]
  return table(['routes', 'series', ...names], sizes.map(size => [...size.split(' '), ...names.map(name => {
    const found = growth.find(entry => entry.name === name && `${entry.routes} ${entry.series}` === size)
    const { median, spread } = summarise(found?.nanoseconds ?? [])
    // The memory of few series drowns in that of everything else.
    const bytes = found !== undefined && found.series >= 10_000 && found.series > found.routes ? `, ${found.bytesPerSeries.toFixed(0)} B` : ''
    return `${median.toFixed(0)} ${percent(spread)}${bytes}`
  })]))
}

function turnsTable (results: Results['turns']): string {
  const lengths = [...results[0]?.turns.keys() ?? []]
  return table(['', 'MB of text', 'encoding', ...lengths.map(milliseconds => `turns of ${milliseconds} ms`)], results.map(({ name, encoding, bytes, turns }) => [
    name, (bytes / 1e6).toFixed(2), encoding, ...lengths.map(milliseconds => summarise(turns.get(milliseconds) ?? []).median.toFixed(0))
  ]))
}
