import { isCounter, isNativeHistogram, knownMetrics, metricOf } from '../../../dashboards/src/metrics.js'
import { isMatch, labelsOf, unknownValues } from './labels.js'
import type { ParsedExpression, Selector } from './parse.js'

// The rules in this file apply to expressions of panels and to rules of Prometheus.

/** Returns the problems of an expression. */
export type ExpressionRule = (parsed: ParsedExpression) => string[]

const RATES = ['rate', 'irate', 'increase']

const checkEach = (check: (selector: Selector) => string[]): ExpressionRule => ({ selectors }) =>
  selectors.filter(({ series }) => isKnown(series)).flatMap(check)

const REQUESTS = [
  'dynoai_requests_total', ...['', '_count', '_bucket'].map(suffix => `dynoai_request_duration_seconds${suffix}`)
]

function isKnown (series: string): boolean {
  try {
    metricOf(series)
    return true
  } catch {
    return false
  }
}

/** Whether a recording rule writes a series. Such a series has no `instance` label. */
export const isRecorded = (series: string): boolean => knownMetrics.get(series)?.isRecorded === true

/** The expression is valid PromQL and reads at least one series. */
export const isPromql: ExpressionRule = ({ text, hasErrors, selectors }) =>
  hasErrors || selectors.length === 0 ? [`not PromQL: ${text}`] : []

/** An instance, Prometheus or a recording rule writes every series. */
export const knownSeries: ExpressionRule = ({ selectors }) =>
  selectors.filter(({ series }) => !isKnown(series)).map(({ series }) => `no metric has the series ${series}`)

/** The metric, or every target, has each label. */
export const knownLabels: ExpressionRule = ({ selectors, groupings, createdLabels }) => {
  const known = selectors.filter(({ series }) => isKnown(series))
  const present = new Set([...createdLabels, ...known.flatMap(({ series }) => labelsOf(series))])
  return [
    ...known.flatMap(({ series, matchers }) => matchers
      .filter(({ label }) => !labelsOf(series).includes(label))
      .map(({ label }) => `${series} has no label ${label}`)),
    ...groupings.filter(label => !present.has(label)).map(label => `no series has the label ${label}`)
  ]
}

/** The label can have each value. */
export const knownValues: ExpressionRule = checkEach(({ series, matchers }) =>
  matchers.flatMap(matcher => unknownValues(series, matcher)))

/** The value of a counter depends on the start of the process. Without a rate, only its presence may be used. */
export const noRawCounters: ExpressionRule = checkEach(({ series, fn, range }) => {
  const allowed = range === undefined ? ['group', 'absent'] : ['rate', 'increase', 'changes', 'resets']
  return isCounter(series) && !allowed.includes(fn ?? '') ? [`${series} is a counter, so it needs a rate`] : []
})

/** A rate of a gauge is wrong, because it treats every decrease as a reset. */
export const noRatesOfGauges: ExpressionRule = checkEach(({ series, fn }) =>
  !isCounter(series) && RATES.includes(fn ?? '') ? [`${series} is a gauge, so ${fn} is wrong`] : [])

/** The metric has each bound. A matcher of an integer bound matches both `1` and `1.0`. */
export const boundsInBothForms: ExpressionRule = checkEach(({ series, matchers }) => {
  const bounds = metricOf(series).buckets
  return matchers.filter(({ label }) => label === 'le').flatMap(({ operator, value }) => {
    const bound = operator === '=~' ? Number(/^(\d+)\(\[\.\]0\)\?$/.exec(value)?.[1]) : Number(value)
    if (Number.isInteger(bound) && operator !== '=~') {
      return [`le="${value}" does not match if Prometheus writes the bound in the other form`]
    }
    return bounds.includes(bound) ? [] : [`${series} has no bound ${value}`]
  })
})

/** The duration of an upgraded connection is the time that it was open, which is not a latency. */
export const noUpgradesInLatency: ExpressionRule = checkEach(selector =>
  selector.series === 'dynoai_request_duration_seconds_bucket' ? upgradesIn(selector) : [])

/** Objectives do not count upgraded connections. */
export const noUpgradesInObjectives: ExpressionRule = checkEach(selector =>
  REQUESTS.includes(selector.series) ? upgradesIn(selector) : [])

function upgradesIn ({ series, matchers }: Selector): string[] {
  const statusMatchers = matchers.filter(({ label }) => label === 'status')
  const hasUpgrades = ['101', '1xx'].some(status => statusMatchers.every(matcher => isMatch(matcher, status)))
  return hasUpgrades ? [`${series} with upgrades, status 101`] : []
}

/** A divisor is never 0, because a division by 0 results in NaN or infinity. */
export const noDivisionByZero: ExpressionRule = ({ divisors }) =>
  divisors.filter(({ isAboveZero }) => !isAboveZero).map(({ text }) => `${text} may be 0`)

/** A quantile without observations is NaN, so it must be filtered. */
export const noQuantileOfNothing: ExpressionRule = ({ quantiles }) =>
  quantiles.filter(({ isFiltered }) => !isFiltered).map(({ argument }) => `${argument} is NaN without observations`)

/** Every scrape, by any client, resets the event-loop lag that prom-client measures. */
export const noResetByScrapes: ExpressionRule = checkEach(({ series }) =>
  series.startsWith('nodejs_eventloop_lag_') ? [`every scrape resets ${series}`] : [])

/**
 * Prometheus can convert classic histograms to native ones, which then have no other series. So each selector of one
 * form has the same selector of the other.
 */
export const histogramsInBothForms: ExpressionRule = ({ selectors }) => {
  const read = selectors.filter(({ series, range }) =>
    range !== undefined && isKnown(series) && metricOf(series).type === 'histogram')
  const describe = ({ series, matchers, range }: Selector): string => {
    const others = matchers.filter(({ label }) => label !== 'le').map(Object.values).map(String).sort()
    return `${metricOf(series).name} ${others} [${range}]`
  }
  const isNative = ({ series }: Selector): boolean => isNativeHistogram(series)
  const natives = new Set(read.filter(isNative).map(describe))
  const classics = new Set(read.filter(selector => !isNative(selector)).map(describe))
  return [
    ...[...classics].filter(text => !natives.has(text)).map(text => `${text} only as a classic histogram`),
    ...[...natives].filter(text => !classics.has(text)).map(text => `${text} only as a native histogram`)
  ]
}

/** A native histogram is read by the functions for it, or shown as a heatmap, which needs a sum. */
export const histogramFunctions: ExpressionRule = checkEach(({ series, fns }) => {
  const isRead = fns.some(fn => fn.startsWith('histogram_')) || (fns[0] === 'rate' && fns[1] === 'sum')
  return isNativeHistogram(series) && !isRead ? [`${series} is a histogram, not a number`] : []
})

/** The argument of a quantile is grouped by the bound `le`. */
export const quantilesByBound: ExpressionRule = ({ quantiles }) =>
  quantiles.filter(({ argument }) => argument.includes('_bucket') && !/ by \([^)]*\ble\b[^)]*\)/.test(argument))
    .map(({ argument }) => `${argument} has no le`)

/** The rules for every expression, by name. */
export const expressionRules = {
  isPromql,
  knownSeries,
  knownLabels,
  knownValues,
  noRawCounters,
  noRatesOfGauges,
  boundsInBothForms,
  noUpgradesInLatency,
  noDivisionByZero,
  noQuantileOfNothing,
  noResetByScrapes,
  histogramsInBothForms,
  histogramFunctions,
  quantilesByBound
} as const satisfies Record<string, ExpressionRule>
