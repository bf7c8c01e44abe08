import type { MetricErrors } from '../registry/metric-errors.js'
import type { DefinitionConflict } from './merged-families.js'

/** The name under which problems between processes are counted. */
const NAME = 'processes'

/** What each kind of problem leads to, for the log. */
const CONSEQUENCES = {
  directory: 'this process answers scrapes with its own metrics alone, since it cannot use the directory',
  write: 'the metrics of this process were not written for the other processes',
  read: 'metrics of a process were left out, since a file of it cannot be used',
  scrape: 'a scrape contains the metrics of this process alone',
  incomplete: 'a scrape failed, since metrics of other processes cannot be read: their counts would have decreased',
  cleanup: 'the directories of services that no longer run were not removed',
  ports: 'processes answer scrapes on ports of their own, each for all of them, so a sum over their targets counts ' +
    "everything several times; scrape only one of them, or set the option 'processes' to false"
} as const

const CONFLICT = 'values of another version of the application were left out, since they do not fit the newest'

/** The most conflicts that are known to be counted. */
const MAX_CONFLICTS = 10_000

/** Counts problems between processes, and logs each kind once. */
export class Problems {
  readonly #metricErrors: MetricErrors
  readonly #conflicts = new Set<string>()

  constructor (metricErrors: MetricErrors) {
    this.#metricErrors = metricErrors
    metricErrors.addSeries(NAME, { canOverflow: false })
  }

  report (kind: keyof typeof CONSEQUENCES, err: unknown): void {
    this.#metricErrors.countError(NAME, err, CONSEQUENCES[kind])
  }

  /** Reports that a promise rejects. */
  async reportRejection (kind: keyof typeof CONSEQUENCES, promise: Promise<unknown>): Promise<void> {
    try {
      await promise
    } catch (err) {
      this.report(kind, err)
    }
  }

  /** Counts that inherited series of a metric went into an overflow series. */
  reportOverflow (metric: string): void {
    this.#metricErrors.countOverflow(metric, 'series')
  }

  /** Counts under the name of the metric. Each merge finds a conflict again, so it is counted once. */
  reportConflict ({ slot, name, isInherited }: DefinitionConflict): void {
    const key = `${slot} ${name} ${isInherited}`
    if (this.#conflicts.has(key)) return
    if (this.#conflicts.size === MAX_CONFLICTS) this.#conflicts.clear()
    this.#conflicts.add(key)
    const err = new Error(`The ${isInherited ? 'inherited ' : ''}values of '${name}' in the slot ${slot} are left out`)
    this.#metricErrors.countError(name, err, CONFLICT)
  }
}
