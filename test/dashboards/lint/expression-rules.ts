import { isCounter, knownMetrics, metricOf } from '../../../dashboards/src/metrics.js'
import { admits, labelsOf, wrongValues } from './labels.js'
import type { Parsed, Selector } from './parse.js'

// Each rule says what is wrong with an expression, and nothing where nothing is. Those of this file hold for panels and for
// rules of Prometheus alike.

export type ExpressionRule = (parsed: Parsed) => string[]

const each = (check: (selector: Selector) => string[]): ExpressionRule => ({ selectors }) => selectors.filter(({ series }) => isKnown(series)).flatMap(check)

const isRequests = (series: string, ending: string): boolean => series === `dynoai_request_duration_seconds_${ending}`

function isKnown (series: string): boolean {
  try {
    metricOf(series)
    return true
  } catch {
    return false
  }
}

/** It is PromQL, and says something about a series. */
export const isPromql: ExpressionRule = ({ text, hasErrors, selectors }) => hasErrors || selectors.length === 0 ? [`not PromQL: ${text}`] : []

/** Every series is one that an instance, Prometheus or a recording rule writes. */
export const knownSeries: ExpressionRule = ({ selectors }) => selectors.filter(({ series }) => !isKnown(series)).map(({ series }) => `no metric has the series ${series}`)

/** Every label is one of the metric, or of every target. */
export const knownLabels: ExpressionRule = ({ selectors, groupings, made }) => {
  const present = new Set([...made, ...selectors.filter(({ series }) => isKnown(series)).flatMap(({ series }) => labelsOf(series))])
  return [
    ...each(({ series, matchers }) => matchers.filter(({ label }) => !labelsOf(series).includes(label)).map(({ label }) => `${series} has no label ${label}`))({ selectors } as Parsed),
    ...groupings.filter(label => !present.has(label)).map(label => `nothing has the label ${label}`)
  ]
}

/** Every value is one that the label takes. */
export const knownValues: ExpressionRule = each(({ series, matchers }) => matchers.flatMap(matcher => wrongValues(series, matcher)))

/** What only grows says nothing by itself, but that it is there. */
export const noRawCounters: ExpressionRule = each(({ series, fn, range }) =>
  isCounter(series) && !(range === undefined ? ['group', 'absent'] : ['rate', 'increase', 'changes', 'resets']).includes(fn ?? '') ? [`${series} only grows, so it needs a rate`] : [])

/** What goes up and down has no rate. */
export const noRatesOfGauges: ExpressionRule = each(({ series, fn }) =>
  !isCounter(series) && ['rate', 'irate', 'increase'].includes(fn ?? '') ? [`${series} goes up and down, so ${fn} is wrong`] : [])

/** A bound is one of the metric, and a whole one is found as `1` and as `1.0`. */
export const boundsInBothForms: ExpressionRule = each(({ series, matchers }) => {
  const bounds = metricOf(series).buckets
  return matchers.filter(({ label }) => label === 'le').flatMap(({ operator, value }) => {
    const bound = operator === '=~' ? Number(/^(\d+)\(\[\.\]0\)\?$/.exec(value)?.[1]) : Number(value)
    if (Number.isInteger(bound) && operator !== '=~') return [`le="${value}" is not found where Prometheus writes ${value}.0`]
    return bounds.includes(bound) ? [] : [`${series} has no bound ${value}`]
  })
})

/** An upgraded connection is as long as its use, which is no latency. */
export const noUpgradesInLatency: ExpressionRule = each(selector =>
  isRequests(selector.series, 'bucket') && mayBeUpgrade(selector) ? [`${selector.series} with upgrades, status 101`] : [])

/** Nor does it count for an objective. */
export const noUpgradesInObjectives: ExpressionRule = each(selector =>
  (isRequests(selector.series, 'count') || isRequests(selector.series, 'bucket')) && mayBeUpgrade(selector) ? [`${selector.series} with upgrades, status 101`] : [])

function mayBeUpgrade ({ matchers }: Selector): boolean {
  return ['101', '1xx'].some(status => matchers.filter(({ label }) => label === 'status').every(matcher => admits(matcher, status)))
}

/** Nothing is divided by what may be 0, which gives NaN. */
export const noDivisionByZero: ExpressionRule = ({ divisors }) =>
  divisors.filter(({ isAboveZero }) => !isAboveZero).map(({ text }) => `${text} may be 0`)

/** A quantile of nothing is NaN. */
export const noQuantileOfNothing: ExpressionRule = ({ quantiles }) => quantiles.filter(({ isFiltered }) => !isFiltered).map(({ argument }) => `${argument} is NaN where nothing was observed`)

/** prom-client measures the lag of the event loop anew after every scrape, whoever scrapes. */
export const noResetByScrapes: ExpressionRule = each(({ series }) =>
  series.startsWith('nodejs_eventloop_lag_') ? [`${series} is reset by every scrape`] : [])

/** A quantile needs the bounds. */
export const quantilesByBound: ExpressionRule = ({ quantiles }) => quantiles.filter(({ argument }) => !/ by \([^)]*\ble\b[^)]*\)/.test(argument)).map(({ argument }) => `${argument} has lost le`)

/** The rules for every expression, by what they are called. */
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
  quantilesByBound
} as const satisfies Record<string, ExpressionRule>

/** Whether a series is one that a recording rule writes, which has lost its instance. */
export const isRecorded = (series: string): boolean => knownMetrics.get(series)?.recorded === true
