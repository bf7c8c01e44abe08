import { cpus, totalmem } from 'node:os'
import { createRequire } from 'node:module'
import type { HookCost } from './hooks.js'
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

/** What one run has measured, by setup. */
export interface Results {
  readonly hooks: ReadonlyMap<string, readonly HookCost[]>
  readonly load: ReadonlyMap<string, readonly number[]>
  readonly growth: readonly Growth[]
}

const require = createRequire(import.meta.url)
const version = (name: string): string => `${name} ${require(`${name}/package.json`).version}`

const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [row(head), row(head.map((_, i) => i === 0 ? '---' : '---:')), ...rows.map(row)].join('\n')
const percent = (share: number): string => `±${(100 * share).toFixed(0)} %`

/** The results of one run as Markdown. */
export function report ({ hooks, load, growth }: Results): string {
  return `# Benchmark

Written by \`npm run bench\`. All setups were measured in this one run, each in a process of its own, one after the other
in every round. The figures are medians over the rounds, the spread is half the distance between the quartiles, and a
ratio is the median of the ratios within a round. Absolute figures are this machine's; the ratios carry over.

- Machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB
- Versions: Node ${process.versions.node}, ${['fastify', 'fastify-metrics', 'prom-client'].map(version).join(', ')}

## The hooks alone

What the hooks of a setup take for one request, without Fastify around them. The loop that calls them is in it (\`bare\`).

${hooksTable(hooks)}

## A server under load

CPU time of the server process for one request of a small route over loopback, keep-alive, 20 connections.

${loadTable(load)}

## As routes and series grow

Nanoseconds per request in the hooks, with requests that jump between all routes and statuses, and behind them the bytes
that one series takes, with its labels. What grows in ${OURS} is the share of memory accesses that miss the processor's
caches: the work stays the same.

${growthTable(growth)}
`
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
