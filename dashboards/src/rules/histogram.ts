import { atMost } from '../promql.js'

/** The series of a histogram over a window. */
interface HistogramSeries {
  readonly fn: 'rate' | 'increase'
  /** Without a suffix. */
  readonly histogram: string
  /** Without braces. @default all series */
  readonly matchers?: string
  readonly window: string
}

// Prometheus can convert a classic histogram to a native one, so each expression has both forms.

/** Events of a histogram, by labels. */
export const countBy = (by: string, series: HistogramSeries): string => aggregate(by, 'count', series)

/** The sum of the values of a histogram, by labels. */
export const sumBy = (by: string, series: HistogramSeries): string => aggregate(by, 'sum', series)

const aggregate = (
  by: string, part: 'count' | 'sum', { fn, histogram, matchers, window }: HistogramSeries
): string => `sum by (${by}) (
  ${fn}(${histogram}_${part}${inBraces(matchers)}[${window}])
  or histogram_${part}(${fn}(${histogram}${inBraces(matchers)}[${window}]))
)`

/** Events of a histogram whose values are at most a bucket bound, by labels. */
export function withinBy (by: string, bound: number, { fn, histogram, matchers, window }: HistogramSeries): string {
  const { operator, value } = atMost(bound)
  const native = `${fn}(${histogram}${inBraces(matchers)}[${window}])`
  return `sum by (${by}) (
  ${fn}(${histogram}_bucket${inBraces(`le${operator}"${value}"`, matchers)}[${window}])
  or ignoring (le) (
    histogram_fraction(-Inf, ${bound}, ${native})
    * histogram_count(${native}) >= 0
  )
)`
}

function inBraces (...matchers: ReadonlyArray<string | undefined>): string {
  const given = matchers.filter(text => text !== undefined)
  return given.length === 0 ? '' : `{${given.join(', ')}}`
}
