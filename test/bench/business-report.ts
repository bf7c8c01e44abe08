import type { Business } from './business.js'
import type { CallCost } from './calls.js'
import { SUCCESSOR } from './clients.js'
import type { HookCost } from './hooks.js'
import { percent, table } from './markdown.js'
import type { ScrapeCost } from './scrape-process.js'
import { OURS } from './setups.js'
import { medianRatio, summarise } from './statistics.js'

/** What business metrics cost, as Markdown. */
export function businessSection ({ calls, held, scrapes }: Business): string {
  return `## Business calls

A call of \`fastify.metrics\` beside the same on the objects of other clients, for the same series: nanoseconds, and
bytes allocated. The labels are an object literal in each call. What the loop and that literal take is in the first
column, of a method that does nothing; it is in the nanoseconds and ratios of the others, but not in their bytes. A
client without defaults gets those labels in each call. A text that is cut from a URL is new in each call; the others
live for long.${missing(calls)}

${callsTable(calls)}

## Memory of business series

Bytes that are kept for one of 50,000 series with two labels, one of which differs in each of them: when it has been
written, and when \`GET /metrics\` has sent it, too. The histogram has 12 buckets.${missing(calls)}

${heldTable(held)}

## Scrapes of business series

${OURS} alone, over ${scrapes[0]?.costs.length ?? 0} scrapes of each: request series only, request series (40 %) with those of
a business counter (30 %) and of a business histogram (30 %), and series of 20 business histograms. Without HTTP around
it; V8's default heap. A block is the longest time for which the event loop was held.

${scrapesTable(scrapes)}`
}

const missing = (calls: Business['calls']): string => calls.has(SUCCESSOR)
  ? ''
  : `\n${SUCCESSOR} is left out: Node ${process.versions.node} cannot load it.`

type Rounds = ReadonlyArray<Readonly<Record<string, CallCost>>>

const costsOf = (rounds: Rounds, call: string, of: keyof CallCost): HookCost[] =>
  rounds.flatMap(round => round[call]?.[of] ?? [])

function callsTable (calls: Business['calls']): string {
  const [ours = [], ...others] = calls.values()
  const head = ['call', 'empty method', OURS, ...[...calls.keys()].slice(1).flatMap(name => [name, `${OURS} takes`])]
  return table(head, Object.keys(ours[0] ?? {}).map(call => [
    call, cell(costsOf(ours, call, 'empty')), netCell(ours, call),
    ...others.flatMap(theirs => [netCell(theirs, call), shareOf(ours, theirs, call)])
  ]))
}

/** With the bytes of the call alone, without those of its caller. */
function netCell (rounds: Rounds, call: string): string {
  const empty = costsOf(rounds, call, 'empty')
  const costs = costsOf(rounds, call, 'call')
  return cell(costs.map(({ nanoseconds, bytes }, i) => ({ nanoseconds, bytes: bytes - (empty[i]?.bytes ?? NaN) })))
}

function cell (costs: readonly HookCost[]): string {
  const { median, spread } = summarise(costs.map(cost => cost.nanoseconds))
  const bytes = Math.round(summarise(costs.map(cost => cost.bytes)).median)
  // Not «-0 B», of a difference of two measurements.
  return `${median.toFixed(0)} ns ${percent(spread)}, ${bytes === 0 ? 0 : bytes} B`
}

function shareOf (ours: Rounds, theirs: Rounds, call: string): string {
  const nanoseconds = (rounds: Rounds): number[] => costsOf(rounds, call, 'call').map(cost => cost.nanoseconds)
  const ratio = medianRatio(nanoseconds(ours), nanoseconds(theirs))
  return ratio < 1 ? `1/${(1 / ratio).toFixed(1)}` : ratio.toFixed(1)
}

function heldTable (held: Business['held']): string {
  const clients = [...held.values().next().value?.keys() ?? []]
  const head = ['series of a', ...clients.flatMap(client => [`${client}, written`, 'scraped'])]
  return table(head, [...held].map(([type, byClient]) => {
    const bytes = [...byClient.values()].flatMap(({ written, scraped }) => [written, scraped])
    return [type, ...bytes.map(bytes => `${bytes.toFixed(0)} B`)]
  }))
}

function scrapesTable (scrapes: Business['scrapes']): string {
  const median = (costs: readonly ScrapeCost[], field: keyof ScrapeCost): number =>
    summarise(costs.map(cost => cost[field])).median
  const head = ['series', 'of', 'ms', 'MB exposed', 'longest block, ms, median of the scrapes', 'of all scrapes']
  return table(head, scrapes.map(({ name, series, costs }) => [
    series.toLocaleString('en'), name === OURS ? 'requests' : name,
    median(costs, 'milliseconds').toFixed(1), (median(costs, 'exposed') / 1e6).toFixed(1),
    median(costs, 'block').toFixed(2), Math.max(...costs.map(({ block }) => block)).toFixed(2)
  ]))
}
