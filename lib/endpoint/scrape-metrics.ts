import { Counter, Histogram } from 'prom-client'
import type { NamedMetric } from '../registry/registry.js'
import { startFromZero } from '../registry/start-from-zero.js'

/** The answers that the endpoint itself gives, and what became of a scrape that was not completed. */
const STATUSES = ['200', '401', '405', '499', '500', '503']

/** What the endpoint says of itself. */
export class ScrapeMetrics {
  /** `metrics_scrapes_total` and `metrics_scrape_duration_seconds`, for the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #scrapesTotal: Counter<'status'>
  readonly #duration: Histogram

  constructor (namePrefix: string) {
    this.#scrapesTotal = new Counter({
      name: `${namePrefix}metrics_scrapes_total`,
      help: 'Answers of the metrics endpoint, by status; 499 for those that were not completed',
      labelNames: ['status'],
      registers: []
    })
    this.#duration = new Histogram({
      name: `${namePrefix}metrics_scrape_duration_seconds`,
      help: 'Time of a scrape from its arrival to the last byte, in seconds',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers: []
    })
    startFromZero(this.#scrapesTotal, () => STATUSES.map(status => ({ status })))
    // prom-client's types leave out the `name` that its objects have.
    this.metrics = [this.#scrapesTotal as Counter & NamedMetric, this.#duration as Histogram & NamedMetric]
  }

  /** An answer with this status. */
  answered (status: number): void {
    this.#scrapesTotal.inc({ status: String(status) })
  }

  /** A scrape that was completed. */
  scraped (seconds: number): void {
    this.#duration.observe(seconds)
  }
}
