import { cpus, loadavg } from 'node:os'
import type { OutagesRun } from './outages.js'
import type { Scenario } from './scenario.js'

/** An alert that fired. Times are in seconds after the service was broken. */
export interface RecordedAlert {
  readonly title: string
  readonly severity: string
  /** Null for an alert without `for`. */
  readonly pending: number | null
  readonly firing: number
  /** When it ended; null if it still fired at the end of the run. */
  readonly ended: number | null
}

/** The results of a run of all scenarios, or of several runs of some of them. */
export interface OutagesRecord {
  readonly date: string
  /** The time between scrapes, and between evaluations. */
  readonly interval: string
  readonly versions: { readonly node: string, readonly prometheus: string }
  readonly machine: { readonly cpu: string, readonly cores: number, readonly load: number }
  readonly seconds: number
  /** How many runs the results are from. */
  readonly runs: number
  readonly scenarios: ReadonlyArray<{ readonly job: string, readonly alerts: readonly RecordedAlert[] }>
}

/** An alert whose last sample is older than this many seconds has ended. */
const MAX_AGE = 2.5

const round = (seconds: number): number => Number(seconds.toFixed(1))

/** Returns what a run found, in the order of the scenarios and of time. */
export function createRecord (scenarios: readonly Scenario[], run: OutagesRun): OutagesRecord {
  const { interval, brokenAt, fired, prometheus, endedAt } = run
  const begin = Math.min(...brokenAt.values())
  return {
    date: new Date(1000 * begin).toISOString().slice(0, 10),
    interval,
    versions: { node: process.versions.node, prometheus },
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown CPU', cores: cpus().length, load: round(loadavg()[2] ?? 0) },
    seconds: Math.round(endedAt - begin),
    runs: 1,
    scenarios: scenarios.map(scenario => {
      const after = (time: number): number => round(time - (brokenAt.get(scenario) ?? 0))
      const alerts = (fired.get(scenario.job) ?? []).map(({ title, severity, pendingAt, firingAt, firingUntil }) => ({
        title,
        severity,
        pending: pendingAt === undefined ? null : after(pendingAt),
        firing: after(firingAt),
        ended: endedAt - firingUntil > MAX_AGE ? after(firingUntil) : null
      }))
      return { job: scenario.job, alerts: alerts.sort((a, b) => a.firing - b.firing) }
    })
  }
}
