/** The series of a histogram over a window. */
interface HistogramSeries {
  readonly fn: 'rate' | 'increase'
  /** Without a suffix. */
  readonly histogram: string
  /** In braces. @default all series */
  readonly matchers?: string
  readonly window: string
}

/** Events of a histogram, by labels: of a classic one, and of a native one, which Prometheus can convert it to. */
export const countBy = (by: string, series: HistogramSeries): string => aggregate(by, 'count', series)

/** The sum of the values of a histogram, by labels. */
export const sumBy = (by: string, series: HistogramSeries): string => aggregate(by, 'sum', series)

const aggregate = (
  by: string, part: 'count' | 'sum', { fn, histogram, matchers = '', window }: HistogramSeries
): string => `sum by (${by}) (
  ${fn}(${histogram}_${part}${matchers}[${window}])
  or histogram_${part}(${fn}(${histogram}${matchers}[${window}]))
)`
