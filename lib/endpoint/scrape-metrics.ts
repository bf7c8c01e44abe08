import { familyMetric } from '../registry/family-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { SCRAPE_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { HistogramFamily } from '../series/histogram-family.js'

/** The statuses of the endpoint's responses; 499 for a response that was not completed. */
const STATUSES = ['200', '401', '405', '499', '500', '503']

/** The metrics of the endpoint. */
export class ScrapeMetrics {
  /** `metrics_scrapes_total` and `metrics_scrape_duration_seconds`, to be added to the registry. */
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

  /** Counts a response with this status. */
  countScrapeResponse (status: number): void {
    this.#scrapesTotal.increase(this.#scrapesTotal.admit([String(status)]), 1)
  }

  /** Records the duration of a completed scrape. */
  recordScrape (seconds: number): void {
    this.#duration.record(0, seconds)
  }
}
