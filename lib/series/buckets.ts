/** Whether a value can be the upper bounds of a histogram: finite, ascending, not negative; `+Inf` is always added. */
export function isBuckets (value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((bound, i) => Number.isFinite(bound) && bound >= 0 && (i === 0 || bound > value[i - 1]))
}

/** Upper bounds of a histogram that declares none, in seconds; the same as prom-client's. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Upper bounds of `request_duration_seconds`, in seconds. They are documented in docs/metrics.md, and are those of
 * the exporter that this plugin replaces.
 */
export const DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
]

/** Upper bounds of body sizes, in bytes, as documented in docs/metrics.md. */
export const SIZE_BUCKETS: readonly number[] = [100, 1000, 10000, 100000, 1e6, 1e7, 1e8]

/** Upper bounds of `metrics_scrape_duration_seconds`, in seconds, as documented in docs/metrics.md. */
export const SCRAPE_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

/** Upper bounds of `nodejs_eventloop_delay_seconds`, in seconds. */
export const DELAY_BUCKETS: readonly number[] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
