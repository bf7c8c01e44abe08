import { registryMetric } from '../registry/registry.js'
import type { NamedMetric, Sample } from '../registry/registry.js'

/** One series: what it is called, and where its numbers lie. */
export interface HistogramSeries<Labels> {
  readonly labels: Labels
  readonly page: Float64Array
  readonly offset: number
}

/** What a histogram is called and measures. */
export interface HistogramDescription {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

// One typed array costs about 200 B beside its numbers, so many series share one.
const SERIES_PER_PAGE = 128

/**
 * A histogram whose observations cost an array access: a series is handed out once and observed by reference. Its
 * numbers are the sum, then the counts of each bucket and of `+Inf`, not cumulative: so the sum of fast requests and
 * their count lie in one line of the processor's cache.
 */
export class DurationHistogram<Labels extends Readonly<Record<string, string>>> {
  /** The series, in the order in which they came. */
  readonly series: Array<HistogramSeries<Labels>> = []
  /** Where the numbers of the series lie, page after page in their order. */
  readonly pages: Float64Array[] = []
  /** The histogram as a registry reads it. */
  readonly metric: NamedMetric
  readonly #name: string
  readonly #bounds: Float64Array
  readonly #width: number
  #page = new Float64Array(0)
  #used = 0

  constructor ({ name, help, labelNames, buckets }: HistogramDescription) {
    this.#name = name
    this.#bounds = Float64Array.from(buckets)
    this.#width = buckets.length + 2
    this.metric = registryMetric({
      name,
      help,
      type: 'histogram',
      labelNames,
      values: () => this.series.flatMap(series => this.#samples(series)),
      source: { name, bounds: this.#bounds, series: this.series, pages: this.pages, seriesPerPage: SERIES_PER_PAGE },
      reset: () => { for (const { page, offset } of this.series) page.fill(0, offset, offset + this.#width) }
    })
  }

  /** A new series, at 0. */
  add (labels: Labels): HistogramSeries<Labels> {
    if (this.#used === this.#page.length) {
      this.#page = new Float64Array(SERIES_PER_PAGE * this.#width)
      this.#used = 0
      this.pages.push(this.#page)
    }
    const series = { labels, page: this.#page, offset: this.#used }
    this.#used += this.#width
    this.series.push(series)
    return series
  }

  /** Puts a value into a series; one below 0 or `NaN`, of a clock that a test has replaced, as 0. */
  observe ({ page, offset }: HistogramSeries<Labels>, value: number): void {
    const bounds = this.#bounds
    const length = bounds.length
    let i = 0
    // A linear search beats a binary one over so few bounds, the more as most requests are fast.
    // The indices lie within the arrays by construction, hence the assertions.
    while (i < length && value > bounds[i]!) i++
    page[offset]! += value > 0 ? value : 0
    page[offset + 1 + i]!++
  }

  /** How many values the series at a place has seen. */
  countAt (i: number): number {
    const page = this.pages[Math.floor(i / SERIES_PER_PAGE)]! // for a series that was added
    const offset = (i % SERIES_PER_PAGE) * this.#width
    let count = 0
    for (let k = offset + 1; k < offset + this.#width; k++) count += page[k]! // within the page, as above
    return count
  }

  #samples ({ labels, page, offset }: HistogramSeries<Labels>): Sample[] {
    const length = this.#bounds.length
    const samples: Sample[] = []
    let cumulative = 0
    for (let i = 0; i <= length; i++) {
      cumulative += page[offset + 1 + i]! // within the page, as above
      samples.push({ labels: { le: this.#bounds[i] ?? '+Inf', ...labels }, value: cumulative, metricName: `${this.#name}_bucket` })
    }
    samples.push({ labels: { ...labels }, value: page[offset]!, metricName: `${this.#name}_sum` }) // likewise
    samples.push({ labels: { ...labels }, value: cumulative, metricName: `${this.#name}_count` })
    return samples
  }
}
