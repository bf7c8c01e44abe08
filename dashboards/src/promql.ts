import { isCounter, metricOf } from './metrics.js'

/** A label matcher without its label: an operator of PromQL and its operand. */
export interface Matcher {
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}
/** Matchers by label. */
export type Matchers = Readonly<Record<string, Matcher>>

export const equals = (value: string): Matcher => ({ operator: '=', value })
export const matches = (value: string): Matcher => ({ operator: '=~', value })
export const doesNotMatch = (value: string): Matcher => ({ operator: '!~', value })

/**
 * Matches the bucket bound `le` in each form that Prometheus stores: Prometheus 3 writes `1` of a text exposition as
 * `1.0`.
 */
export const atMost = (bound: number): Matcher =>
  Number.isInteger(bound) ? matches(`${bound}([.]0)?`) : equals(String(bound))

const CHOSEN_JOBS: Matchers = { job: matches('$job') }
const CHOSEN_INSTANCES: Matchers = { ...CHOSEN_JOBS, instance: matches('$instance') }

/**
 * Selects a series of the chosen jobs and instances.
 * @throws if lib has no such series, label or label value
 */
export function select (series: string, matchers: Matchers = {}): string {
  const { name, labels, buckets, isRecorded } = metricOf(series)
  for (const [label, { operator, value }] of Object.entries(matchers)) {
    const isBound = label === 'le' && series.endsWith('_bucket')
    const values = isBound ? [] : Object.hasOwn(labels, label) ? labels[label] : undefined
    if (values === undefined) throw new Error(`${name} has no label ${label}`)
    if (isBound && !buckets.some(bound => atMost(bound).value === value)) {
      throw new Error(`${name} has no bound ${value}`)
    }
    if (operator === '=' && values.length > 0 && !values.includes(value)) {
      throw new Error(`${label} of ${name} cannot be ${value}`)
    }
  }
  const all = Object.entries({ ...(isRecorded ? CHOSEN_JOBS : CHOSEN_INSTANCES), ...matchers })
  return `${series}{${all.map(([label, { operator, value }]) => `${label}${operator}"${value}"`).join(',')}}`
}

/** Events per second. Grafana derives the default range from the scrape interval and the width of the panel. */
export const rate = (series: string, matchers?: Matchers, range = '$__rate_interval'): string =>
  callOnCounter('rate', series, matchers, range)

/** Events in a range. */
export const increase = (series: string, matchers: Matchers | undefined, range: string): string =>
  callOnCounter('increase', series, matchers, range)

function callOnCounter (fn: string, series: string, matchers: Matchers | undefined, range: string): string {
  if (!isCounter(series)) throw new Error(`${series} is not a counter`)
  return `${fn}(${select(series, matchers)}[${range}])`
}

const aggregate = (operator: string) => (expr: string, by: readonly string[] = []): string =>
  by.length === 0 ? `${operator}(${expr})` : `${operator} by (${by.join(', ')}) (${expr})`

export const sum = aggregate('sum')
export const max = aggregate('max')
export const avg = aggregate('avg')
export const group = aggregate('group')

/**
 * A difference of two counts. Prometheus extrapolates each count separately, so the difference may be slightly below 0.
 */
export const difference = (total: string, part: string): string => `clamp_min(${total} - ${part}, 0)`

// The functions below return expressions in parentheses, so the result can be used as an operand.

/** A part of a total, or 0 if the total is 0: a division by 0 would draw NaN. Each parameter must be one operand. */
export const ratio = (part: string, total: string): string => `(${part} / (${total} > 0) or ${total} * 0)`

/** A quantile of rates of buckets by `le`. No result, instead of NaN, if nothing was observed. */
export const quantile = (q: number, buckets: string): string => `(histogram_quantile(${q}, ${buckets}) >= 0)`

/**
 * An aggregate over requests, or 0 for an instance without requests. The series of requests appear with the first
 * request. `dynoai_requests_in_flight` appears with the first scrape. A service that is not scraped has no value.
 */
export const orZero = (expr: string, by: readonly string[] = []): string =>
  `(${expr} or ${sum(select('dynoai_requests_in_flight'), by)} * 0)`

/**
 * Keeps only instances with dynoai-metrics. Other programs also export `process_*`, `nodejs_*` and `up`, and `All`
 * includes the jobs of those programs.
 */
export const filterInstances = (expr: string): string =>
  `(${expr} and on (job, instance) ${select('dynoai_exporter_info')})`

/** Like `filterInstances`, but also keeps an instance that is down and had dynoai-metrics within the last day. */
export const filterRecentInstances = (expr: string): string =>
  `(${expr} and on (job, instance) last_over_time(${select('dynoai_exporter_info')}[1d]))`
