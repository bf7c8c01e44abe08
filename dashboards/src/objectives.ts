// The dashboards and the rules are generated from these numbers and names.

/** The period of the objectives. */
export const WINDOW = '30d'

/** A service level objective: the minimum share of good requests. */
export interface Objective {
  readonly name: string
  /** Share of the requests that must be good. */
  readonly target: number
  /** What makes a request bad; completes "requests that were …". */
  readonly bad: string
  /** Returns the name of the recorded series with the share of bad requests over a window. */
  recordedSeries (window: string): string
}

/** Requests that take longer than this many seconds are slow; a bucket bound of `request_duration_seconds`. */
export const SLOW_AFTER_SECONDS = 1

export const AVAILABILITY: Objective = {
  name: 'Availability',
  target: 0.999,
  bad: 'responded to with 5xx',
  recordedSeries: window => `job:dynoai_availability_errors:ratio_rate${window}`
}

export const LATENCY: Objective = {
  name: 'Latency',
  target: 0.99,
  bad: `slower than ${SLOW_AFTER_SECONDS} s`,
  recordedSeries: window => `job:dynoai_latency_slow:ratio_rate${window}`
}

/** The burn rate above which an alert fires. A burn rate of 1 uses up the budget in exactly 30 days. */
export interface BurnLimit {
  readonly long: string
  readonly short: string
  readonly factor: number
  /** How long both windows must exceed it. */
  readonly for: string
  readonly severity: 'page' | 'ticket'
}

// The multi-window limits of Google's SRE workbook, chapter 5: 2, 5, 10 and 10 % of the budget of 30 days.
export const BURN_LIMITS: readonly BurnLimit[] = [
  { long: '1h', short: '5m', factor: 14.4, for: '2m', severity: 'page' },
  { long: '6h', short: '30m', factor: 6, for: '10m', severity: 'page' },
  { long: '1d', short: '2h', factor: 3, for: '30m', severity: 'ticket' },
  { long: '3d', short: '6h', factor: 1, for: '1h', severity: 'ticket' }
]

/** The windows that the dashboard shows, each with the limit of the alert that reads it. */
export const SHOWN_WINDOWS = ['5m', '1h', '6h', '3d'].map(window => {
  // Two limits read the window 6h. The first one pages.
  const { factor } = BURN_LIMITS.find(({ long, short }) => [long, short].includes(window)) as BurnLimit
  return { window, factor }
})

/** The windows over which the ratios of bad requests are recorded: all that an alert reads. */
export const RATIO_WINDOWS: readonly string[] = ['5m', '30m', '1h', '2h', '6h', '1d', '3d']

/** The windows over which the rate of requests is recorded. */
export const REQUEST_WINDOWS: readonly string[] = ['5m', '1h', '6h', '1d', '3d']

/** Returns the name of the recorded series with the rate of requests over a window. */
export const requestRateSeries = (window: string): string => `job:dynoai_requests:rate${window}`

/** Names of the recorded series of each instance, with the window. */
export const INSTANCE_SERIES = {
  requests: 'instance:dynoai_requests:increase10m',
  requestsOf5m: 'instance:dynoai_requests:increase5m',
  failed: 'instance:dynoai_requests_failed:increase10m',
  slow: 'instance:dynoai_requests_slow:increase10m',
  stuckFor5m: 'instance:dynoai_requests_stuck:min5m',
  stuckFor15m: 'instance:dynoai_requests_stuck:min15m'
} as const

/** Names of all series that the recording rules write. */
export const recordedNames: readonly string[] = [
  ...Object.values(INSTANCE_SERIES),
  ...REQUEST_WINDOWS.map(requestRateSeries),
  ...[AVAILABILITY, LATENCY].flatMap(objective => RATIO_WINDOWS.map(objective.recordedSeries))
]
