import type { FiredAlert } from './fired.js'
import type { Scenario } from './scenario.js'

/** What a run found about a scenario. */
export interface Outcome {
  readonly scenario: Pick<Scenario, 'job' | 'expected' | 'allowed'>
  /** When it was broken, in seconds of Unix time. */
  readonly brokenAt: number
}

/** Lists what is wrong: expected alerts that did not fire, others that did, and any of a healthy service. */
export function judge (outcomes: readonly Outcome[], fired: ReadonlyMap<string, readonly FiredAlert[]>): string[] {
  const faults = outcomes.flatMap(({ scenario: { job, expected, allowed = {} }, brokenAt }) => {
    const alerts = fired.get(job) ?? []
    const titles = alerts.map(({ title }) => title)
    return [
      ...expected.filter(title => !titles.includes(title)).map(title => `${job}: ${title} did not fire`),
      ...titles.filter(title => !expected.includes(title) && !Object.hasOwn(allowed, title))
        .map(title => `${job}: ${title} fired`),
      ...alerts.filter(({ firingAt }) => firingAt < brokenAt).map(({ title }) => `${job}: ${title} fired too early`)
    ]
  })
  const jobs = new Set(outcomes.map(({ scenario }) => scenario.job))
  const others = [...fired].filter(([job]) => !jobs.has(job)).flatMap(([job, alerts]) =>
    alerts.map(({ title }) => `${job === '' ? 'without a job' : job}: ${title} fired`))
  return [...faults, ...others]
}
