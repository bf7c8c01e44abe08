import type { UncheckedLabels } from '../series/label-value.js'
import type { ScrapePass } from './collectors.js'
import type { ExposedMetric } from './encode-families.js'

/** Metrics of this process, collected now. */
export interface CollectedMetrics {
  readonly metrics: readonly ExposedMetric[]
  /** Added to each sample of a plugin metric that does not have a label of that name. */
  readonly defaultLabels: UncheckedLabels
}

/** The metrics of this process that one scrape exposes, to be merged with those of other processes. */
export interface OwnMetrics extends CollectedMetrics, ScrapePass {
  /** The names of all metrics of the registry, requested or not. */
  readonly registeredNames: ReadonlySet<string>
  /** When the scrape began, in milliseconds of `performance.now()`. */
  readonly startedAt: number
}

/** The metrics of all processes in one scrape. */
export interface MergedMetrics {
  /** Also those that only other processes have. They do not change until `release`. */
  readonly metrics: readonly ExposedMetric[]
  /** Called once, when the metrics have been written. */
  release (): void
  /** Called when the scraper has received everything; `showsAll` if it has requested all metrics, not some names. */
  complete (showsAll: boolean): void
}

/** Merges the metrics of this process with those of other processes. */
export interface Merger {
  /**
   * Returns `null` if this process exposes its own metrics alone. Rejects if the signal is aborted, or if the scrape
   * must fail, since counts would be smaller than in others.
   */
  merge (own: OwnMetrics): Promise<MergedMetrics | null>
}
