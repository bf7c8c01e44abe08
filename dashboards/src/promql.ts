import { isCounter, metricOf } from './metrics.js'

/** How a label must be: an operator of PromQL and its operand. */
export interface Match {
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}
export type Matches = Readonly<Record<string, Match>>

export const is = (value: string): Match => ({ operator: '=', value })
export const like = (value: string): Match => ({ operator: '=~', value })
export const unlike = (value: string): Match => ({ operator: '!~', value })

/** A bound as Prometheus may hold it: Prometheus 3 writes the `1` of a text exposition as `1.0`. */
export const atMost = (bound: number): Match => Number.isInteger(bound) ? like(`${bound}([.]0)?`) : is(String(bound))

const INSTANCE: Matches = { job: like('$job'), instance: like('$instance') }
const JOB: Matches = { job: like('$job') }

/**
 * The series of the chosen jobs and instances.
 * @throws for a series, a label or a value that lib does not have
 */
export function select (series: string, matches: Matches = {}): string {
  const { name, labels, buckets, recorded } = metricOf(series)
  for (const [label, { operator, value }] of Object.entries(matches)) {
    const isBound = label === 'le' && series.endsWith('_bucket')
    const values = isBound ? [] : Object.hasOwn(labels, label) ? labels[label] : undefined
    if (values === undefined) throw new Error(`${name} has no label ${label}`)
    if (isBound && !buckets.some(bound => atMost(bound).value === value)) throw new Error(`${name} has no bound ${value}`)
    if (operator === '=' && values.length > 0 && !values.includes(value)) throw new Error(`${label} of ${name} is never ${value}`)
  }
  const matchers = Object.entries({ ...(recorded ? JOB : INSTANCE), ...matches })
  return `${series}{${matchers.map(([label, { operator, value }]) => `${label}${operator}"${value}"`).join(',')}}`
}

/** Events per second; the range that Grafana fits to the scrape interval and to the width of the panel by default. */
export const rate = (series: string, matches?: Matches, range = '$__rate_interval'): string => overTime('rate', series, matches, range)

/** Events in a range. */
export const increase = (series: string, matches: Matches | undefined, range: string): string => overTime('increase', series, matches, range)

function overTime (fn: string, series: string, matches: Matches | undefined, range: string): string {
  if (!isCounter(series)) throw new Error(`${series} is no counter`)
  return `${fn}(${select(series, matches)}[${range}])`
}

const aggregate = (operator: string) => (expr: string, by: readonly string[] = []): string =>
  by.length === 0 ? `${operator}(${expr})` : `${operator} by (${by.join(', ')}) (${expr})`

export const sum = aggregate('sum')
export const max = aggregate('max')
export const avg = aggregate('avg')
export const group = aggregate('group')

// What follows stands in parentheses, so that it can be a part of anything.

/** A part of a total, each one operand, as 0 where nothing has happened: a division by 0 would draw NaN. */
export const ratio = (part: string, total: string): string => `(${part} / (${total} > 0) or ${total} * 0)`

/** A quantile of rates of buckets by `le`, and nothing at all, not NaN, where nothing was observed. */
export const quantile = (q: number, buckets: string): string => `(histogram_quantile(${q}, ${buckets}) >= 0)`

/**
 * An aggregate over requests, as 0 where an instance has not had any yet: their series come with the first request, that
 * of the requests in flight with the first scrape. A service that is not scraped stays without a value.
 */
export const orZero = (expr: string, by: readonly string[] = []): string =>
  `(${expr} or ${sum(select('dynoai_requests_in_flight'), by)} * 0)`

/**
 * Only what belongs to instances that this package measures: `process_*`, `nodejs_*` and `up` are everybody's names, and
 * All is every job.
 */
export const measured = (expr: string): string => `(${expr} and on (job, instance) ${select('dynoai_exporter_info')})`

/** The same while an instance is down, when it says nothing of itself. */
export const measuredLately = (expr: string): string =>
  `(${expr} and on (job, instance) last_over_time(${select('dynoai_exporter_info')}[1d]))`
