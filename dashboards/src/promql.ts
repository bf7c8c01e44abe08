import { isCounter, isNativeHistogram, metricOf } from './metrics.js'

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

/** What numbers and tables of the present look back on. */
export const RECENT = '5m'

/** What Grafana derives from the scrape interval and the width of the panel. */
const RATE_INTERVAL = '$__rate_interval'

/**
 * Selects a series of the chosen jobs and instances.
 * @throws if lib has no such series, label or label value
 */
export const select = (series: string, matchers?: Matchers): string =>
  selectFrom(metricOf(series).isRecorded ? CHOSEN_JOBS : CHOSEN_INSTANCES, series, matchers)

/** Selects a series of all instances of the chosen jobs, to compare with a recorded series. */
export const selectOfJobs = (series: string, matchers?: Matchers): string =>
  selectFrom(CHOSEN_JOBS, series, matchers)

function selectFrom (chosen: Matchers, series: string, matchers: Matchers = {}): string {
  const { name, labels, buckets } = metricOf(series)
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
  const all = Object.entries({ ...chosen, ...matchers })
  return `${series}{${all.map(([label, { operator, value }]) => `${label}${operator}"${value}"`).join(',')}}`
}

/** Events per second. Grafana derives the default range from the scrape interval and the width of the panel. */
export const rate = (series: string, matchers?: Matchers, range = RATE_INTERVAL): string =>
  callOnCounter('rate', series, { matchers, range })

/** Events in a range. */
export const increase = (series: string, matchers: Matchers | undefined, range: string): string =>
  callOnCounter('increase', series, { matchers, range })

/** What is selected from a series. */
interface Selection {
  readonly matchers?: Matchers | undefined
  /** @default the range that Grafana derives */
  readonly range?: string
  /** Whether it is read once for the whole line, at the end of the time shown. @default false */
  readonly isFixed?: boolean
}

// A histogram is classic, or native if Prometheus converts it. Each expression of a histogram has both forms. The
// classic one is used where both exist.
function callOnCounter (fn: string, series: string, { matchers, range, isFixed = false }: Selection): string {
  if (!isCounter(series)) throw new Error(`${series} is not a counter`)
  const window = `[${range}]${isFixed ? ' @ end()' : ''}`
  const classic = `${fn}(${select(series, matchers)}${window})`
  const [, histogram, suffix] = /^(.*)_(bucket|sum|count)$/.exec(series) ?? []
  if (histogram === undefined || !isNativeHistogram(histogram)) return classic
  const { le, ...others } = matchers ?? {}
  const native = `${fn}(${select(histogram, others)}${window})`
  // Prometheus finds a restart by the counts. If a new process has more of them than the one before, its smaller sum
  // looks like a decrease.
  if (suffix === 'sum') return `(${classic} or clamp_min(histogram_sum(${native}), 0))`
  if (suffix === 'count') return `(${classic} or histogram_count(${native}))`
  // Of an empty histogram, the fraction is NaN.
  const count = `histogram_fraction(-Inf, ${boundOf(le)}, ${native}) * histogram_count(${native}) >= 0`
  return `(${classic} or ignoring (le) (${count}))`
}

/** The bound that a matcher of `atMost` matches. */
const boundOf = (le: Matcher | undefined): string => String(le?.value.replace('([.]0)?', ''))

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

/** A histogram, which of its series, and the labels of the result. */
export interface HistogramQuery extends Selection {
  /** The metric, without a suffix. */
  readonly histogram: string
  readonly by?: readonly string[]
}

/** A quantile of a histogram. No result, instead of NaN, if nothing was observed. */
export function quantile (q: number, { histogram, matchers, range = RATE_INTERVAL, by = [] }: HistogramQuery): string {
  const classic = sum(`rate(${select(`${histogram}_bucket`, matchers)}[${range}])`, [...by, 'le'])
  const native = sum(`rate(${select(histogram, matchers)}[${range}])`, by)
  return `(histogram_quantile(${q}, ${classic}) >= 0 or histogram_quantile(${q}, ${native}) >= 0)`
}

/** The mean of a histogram. No result if nothing was observed. */
export function mean ({ histogram, matchers, range, by }: HistogramQuery): string {
  const [total, count] = ['sum', 'count'].map(suffix => sum(rate(`${histogram}_${suffix}`, matchers, range), by))
  return `(${total} / (${count} > 0))`
}

/** Rates of the buckets of a histogram, for a heatmap. A native histogram has no `le`. */
export function bucketRates ({ histogram, matchers, range = RATE_INTERVAL }: HistogramQuery, factor = 1): string {
  const times = factor === 1 ? '' : ` * ${factor}`
  const classic = `sum by (le) (rate(${select(`${histogram}_bucket`, matchers)}[${range}]))${times}`
  return `${classic} or on () sum(rate(${select(histogram, matchers)}[${range}]))${times}`
}

/**
 * An aggregate over requests, or 0 for an instance without requests. The series of requests appear with the first
 * request. `dynoai_requests_in_flight` appears with the first scrape. A service that is not scraped has no value.
 */
export const orZero = (expr: string, by: readonly string[] = []): string =>
  `(${expr} or ${sum(select('dynoai_requests_in_flight'), by)} * 0)`

/** How often events happened in the time shown, by labels. Prometheus computes it once for the whole line. */
const occurred = (series: string, matchers: Matchers, by: readonly string[]): string =>
  sum(callOnCounter('increase', series, { matchers, range: '$__range', isFixed: true }), by)

/**
 * Events per second by labels. A series begins with its first event, and ends with its process. Before and after that,
 * the line is 0: otherwise the last value in a legend would be one of the past. A service that is not scraped has no
 * value.
 */
export const rateOrZero = (series: string, matchers: Matchers, by: readonly string[]): string =>
  `(${sum(rate(series, matchers), by)} ` +
  `or ${occurred(series, matchers, by)} * 0 and on () ${sum(select('dynoai_requests_in_flight'))})`

/** Events per second by labels, of those that had any in the time shown. */
export const rateOfOccurred = (series: string, matchers: Matchers, by: readonly string[]): string =>
  `(${rateOrZero(series, matchers, by)} and on (${by.join(', ')}) ${occurred(series, matchers, by)} > 0)`

/** Series by a label, or one series `none` that is 0 while there are none. `total` says whether there is any data. */
export const orNone = (expr: string, label: string, total: string): string =>
  `${expr} or on () label_replace(${sum(total)} * 0, "${label}", "none", "", "")`

/**
 * Keeps only instances with dynoai-metrics. Other programs also export `process_*`, `nodejs_*` and `up`, and `All`
 * includes the jobs of those programs.
 */
export const filterInstances = (expr: string): string =>
  `(${expr} and on (job, instance) ${select('dynoai_exporter_info')})`

/** Like `filterInstances`, but also keeps an instance that is down and had dynoai-metrics within the last day. */
export const filterRecentInstances = (expr: string): string =>
  `(${expr} and on (job, instance) last_over_time(${select('dynoai_exporter_info')}[1d]))`
