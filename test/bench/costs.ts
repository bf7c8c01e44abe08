import { megabytes, table } from './markdown.js'
import type { MarkedFile } from './marked-block.js'
import {
  CALLS, DYNOAI_METRICS, FASTIFY_METRICS_HISTOGRAM, PROM_CLIENT, PROM_CLIENT_HOOK
} from './names.js'
import type { CallName } from './names.js'
import { formatMachine, formatVersions } from './report.js'
import type { OperationResult, Results } from './results.js'

/** Where the README shows the costs. */
export const COSTS: MarkedFile = {
  file: 'README.md', begin: '<!-- costs: written by npm run bench -->', end: '<!-- end of costs -->'
}

/** The setups of the columns, for the rows about requests. */
const REQUEST_SETUPS = [DYNOAI_METRICS, PROM_CLIENT_HOOK, FASTIFY_METRICS_HISTOGRAM]
/** The clients of the columns, for the other rows: fastify-metrics has no result there. */
const CLIENTS = [DYNOAI_METRICS, PROM_CLIENT]
const GROWTH_ROUTES = 10_000

/** Formats the costs that the README shows, with the marker lines around them. */
export function costsBlock (results: Results): string {
  const rows = [...requestRows(results), ...scrapeRows(results), ...callRows(results), ...memoryRows(results)]
  return [
    COSTS.begin,
    table(['cost of', 'dynoai-metrics', 'prom-client', 'fastify-metrics'], rows),
    'Differences of a few per cent in CPU time are noise.',
    `Measured on ${formatMachine(results.environment)}, with ${formatVersions(results.environment)}.`,
    COSTS.end
  ].join('\n\n')
}

function requestRows ({ hooks, growth, load }: Results): string[][] {
  const atManyRoutes = growth.filter(({ routes, series }) => routes === GROWTH_ROUTES && series === GROWTH_ROUTES)
  return [
    ['a request, in the hooks', ...REQUEST_SETUPS.map(name => formatOperation(find(hooks, 'name', name)))],
    ['a request, with 10,000 routes in use', ...REQUEST_SETUPS.map(name => {
      return `${find(atManyRoutes, 'name', name).nanoseconds.median.toFixed(0)} ns`
    })],
    ['CPU time of a small request, bare Fastify = 1', ...REQUEST_SETUPS.map(name => {
      return find(load, 'name', name).ratioToBare.toFixed(3)
    })]
  ]
}

function scrapeRows ({ scrapes }: Results): string[][] {
  const results = CLIENTS.map(name => find(scrapes, 'name', name))
  const size = megabytes(find(scrapes, 'name', DYNOAI_METRICS).exposedBytes, 1)
  return [
    [
      `a scrape of 10,000 series, ${size} MB`,
      ...results.map(({ milliseconds }) => `${milliseconds.median.toFixed(1)} ms`),
      ''
    ],
    [
      'longest block of the event loop during that scrape',
      ...results.map(({ block }) => `${block.median.toFixed(2)} ms`),
      ''
    ]
  ]
}

function callRows ({ business: { calls } }: Results): string[][] {
  const row = (title: string, call: CallName): string[] => {
    const { clients } = find(calls, 'call', call)
    return [title, ...CLIENTS.map(name => formatOperation(entry(clients, name))), '']
  }
  return [
    row('`inc()`, two labels by default', CALLS.incDefaults),
    row('`inc()` of a bound handle', CALLS.incBound),
    row('`inc({ … })`, two listed labels', CALLS.incListed),
    row('`observe(value)`', CALLS.observe)
  ]
}

function memoryRows ({ business: { memory } }: Results): string[][] {
  const row = (title: string, type: string): string[] => {
    const { clients } = find(memory, 'type', type)
    return [title, ...CLIENTS.map(name => `${entry(clients, name).scraped.toFixed(0)} B`), '']
  }
  return [
    row('a series of a counter with two labels', 'counter'),
    row('a series of a histogram with 12 buckets', 'histogram')
  ]
}

const formatOperation = ({ nanoseconds, bytes }: OperationResult): string =>
  `${nanoseconds.median.toFixed(0)} ns, ${Math.round(bytes)} B`

function find<T, Key extends keyof T> (results: readonly T[], key: Key, value: T[Key]): T {
  const result = results.find(result => result[key] === value)
  if (result === undefined) throw new Error(`There is no result of '${String(value)}'`)
  return result
}

function entry<T> (results: Readonly<Record<string, T>>, name: string): T {
  const result = results[name]
  if (result === undefined) throw new Error(`There is no result of '${name}'`)
  return result
}
