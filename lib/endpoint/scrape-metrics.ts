import { familyMetric } from '../registry/family-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { SCRAPE_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { HistogramFamily } from '../series/histogram-family.js'

/** The answers that the endpoint itself gives, and what became of a scrape that was not completed. */
const STATUSES = ['200', '401', '405', '499', '500', '503']

/** What the endpoint says of itself. */
export class ScrapeMetrics {
  /** `metrics_scrapes_total` and `metrics_scrape_duration_seconds`, for the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #scrapesTotal: CounterFamily
  readonly #duration: HistogramFamily

  constructor (namePrefix: string) {
    this.#scrapesTotal = new CounterFamily({
      name: `${namePrefix}metrics_scrapes_total`,
      help: 'Answers of the metrics endpoint, by status; 499 for those that were not completed',
      labels: [{ name: 'status', listed: [] }],
      keepsSeriesOnReset: true
    })
    this.#duration = new HistogramFamily({
      name: `${namePrefix}metrics_scrape_duration_seconds`,
      help: 'Time of a scrape from its arrival to the last byte, in seconds',
      buckets: SCRAPE_BUCKETS
    })
    for (const status of STATUSES) this.#scrapesTotal.admit([status])
    this.metrics = [familyMetric(this.#scrapesTotal), familyMetric(this.#duration)]
  }

  /** An answer with this status. */
  countResponse (status: number): void {
    this.#scrapesTotal.increase(this.#scrapesTotal.admit([String(status)]), 1)
  }

  /** A scrape that was completed. */
  recordScrape (seconds: number): void {
    this.#duration.record(0, seconds)
  }
}
