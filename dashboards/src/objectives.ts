// The rules in `dashboards/rules` hold the same numbers and names, and a test holds the two equal.

/** The time over which objectives count. */
export const WINDOW = '30d'

/** A service level that is promised: the share of requests that must be good. */
export interface Objective {
  readonly name: string
  /** Share of the requests that are good. */
  readonly target: number
  /** What makes a request bad. */
  readonly bad: string
  /** The recorded series with the share of bad requests over a window. */
  recorded (window: string): string
}

/** Requests slower than this many seconds are slow; a bound of `request_duration_seconds`. */
export const SLOW_AFTER_SECONDS = 1

export const AVAILABILITY: Objective = {
  name: 'Availability',
  target: 0.999,
  bad: 'answered with 5xx',
  recorded: window => `job:dynoai_availability_errors:ratio_rate${window}`
}

export const LATENCY: Objective = {
  name: 'Latency',
  target: 0.99,
  bad: `slower than ${SLOW_AFTER_SECONDS} s`,
  recorded: window => `job:dynoai_latency_slow:ratio_rate${window}`
}

/** How fast a budget may burn, as a multiple of what would use it up in exactly 30 days, before an alert fires. */
export interface BurnLimit {
  readonly long: string
  readonly short: string
  readonly factor: number
  readonly severity: 'page' | 'ticket'
}

// The multi-window limits of Google's SRE workbook, chapter 5: 2, 5, 10 and 10 per cent of the budget of 30 days.
export const BURN_LIMITS: readonly BurnLimit[] = [
  { long: '1h', short: '5m', factor: 14.4, severity: 'page' },
  { long: '6h', short: '30m', factor: 6, severity: 'page' },
  { long: '1d', short: '2h', factor: 3, severity: 'ticket' },
  { long: '3d', short: '6h', factor: 1, severity: 'ticket' }
]

/** The windows that are drawn, with the limit of the alert that reads them. */
export const DRAWN_WINDOWS = ['5m', '1h', '6h', '3d'].map(window => {
  // Of two limits that read a window, the first is the one that pages.
  const { factor } = BURN_LIMITS.find(({ long, short }) => [long, short].includes(window)) as BurnLimit
  return { window, factor }
})

/** Every series that the recording rules write. */
export const recordedNames: readonly string[] = [
  ...['5m', '1h', '6h', '1d', '3d'].map(window => `job:dynoai_requests:rate${window}`),
  ...[AVAILABILITY, LATENCY].flatMap(objective => ['5m', '30m', '1h', '2h', '6h', '1d', '3d'].map(objective.recorded))
]
