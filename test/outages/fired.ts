import type { Prometheus } from '../fixtures/integration/prometheus.js'
import { alertTitle } from './alert-title.js'

/** An alert of a job, from the samples of `ALERTS`. Times are in seconds of Unix time. */
export interface FiredAlert {
  readonly title: string
  readonly severity: string
  /** The first time. An alert without `for` is never pending. */
  readonly pendingAt: number | undefined
  readonly firingAt: number
  /** The last time that it fired. */
  readonly firingUntil: number
}

/** Reads all alerts that have fired, by job. An alert without a job is under the empty name. */
export async function readFired (prometheus: Prometheus, seconds: number): Promise<Map<string, FiredAlert[]>> {
  const series = await prometheus.query(`ALERTS[${Math.ceil(seconds)}s]`)
  const jobs = new Map<string, Map<string, FiredAlert>>()
  const titleOf = (metric: Readonly<Record<string, string>>): string =>
    alertTitle(metric['alertname'] ?? '', metric)
  for (const { metric, values } of series.filter(({ metric }) => metric['alertstate'] === 'firing')) {
    const { job = '', severity = '' } = metric
    const title = titleOf(metric)
    const alerts = jobs.get(job) ?? new Map<string, FiredAlert>()
    const before = alerts.get(title)
    const firingAt = Math.min(before?.firingAt ?? Infinity, values[0]?.[0] ?? Infinity)
    const firingUntil = Math.max(before?.firingUntil ?? -Infinity, values.at(-1)?.[0] ?? -Infinity)
    const pending = series.filter(({ metric: other }) =>
      other['alertstate'] === 'pending' && other['job'] === metric['job'] && titleOf(other) === title)
      .map(({ values }) => lastBegin(values, firingAt)).filter(time => time <= firingAt)
    alerts.set(title, {
      title, severity, pendingAt: pending.length === 0 ? undefined : Math.min(...pending), firingAt, firingUntil
    })
    jobs.set(job, alerts)
  }
  return new Map([...jobs].map(([job, alerts]) => [job, [...alerts.values()]]))
}

/** Longer gaps between samples, in seconds, mean that the alert was not pending in between. */
const MAX_GAP = 1.6

/** Returns when the last period of samples before a time began. */
function lastBegin (values: ReadonlyArray<readonly [time: number, value: string]>, before: number): number {
  const times = values.map(([time]) => time).filter(time => time < before)
  return times.findLast((time, i) => i === 0 || time - (times[i - 1] ?? 0) > MAX_GAP) ?? Infinity
}
