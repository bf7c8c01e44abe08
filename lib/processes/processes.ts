import { dirname } from 'node:path'
import { errors, received } from '../errors.js'
import type { Exposition } from '../exposition/exposition.js'
import type { MergedMetrics, Merger, OwnMetrics } from '../exposition/merger.js'
import type { ResolvedOptions } from '../options/options.js'
import { defaultLabelsOf } from '../registry/default-labels.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import { registryMetric } from '../registry/plugin-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { isRuntimeMetric } from '../registry/runtime.js'
import { ignoreRejection } from '../util/ignore-rejection.js'
import { checkUnclaimed } from './claimed-directories.js'
import { Member } from './member.js'
import type { MemberOptions } from './member.js'
import { WORKER } from './merge-samples.js'
import { Problems } from './problems.js'
import { ServiceScrape } from './service-scrape.js'
import { Sharing } from './sharing.js'
import type { Application } from './sharing.js'
import type { OwnedSlot, Slot } from './slots.js'
import { removeStaleServices } from './stale-services.js'
import { localSystem } from './system.js'
import { ALONE, countStates, workersMetric } from './worker-states.js'
import type { WorkerStates } from './worker-states.js'

export interface ProcessesSettings extends Pick<MemberOptions, 'service' | 'registry' | 'address' | 'fs'> {
  readonly options: Pick<ResolvedOptions, 'defaultLabels' | 'namePrefix' | 'processes' | 'runtimeMetrics'>
  /** Exposes the metrics of this process, and then of all. */
  readonly exposition: Exposition
  readonly metricErrors: MetricErrors
  /** Whether requests are in progress, which are counted when they end. */
  readonly isBusy: () => boolean
}

/**
 * Shares the metrics of this process with the other processes of its service, and merges theirs into scrapes. If that
 * fails, this process goes on alone, and the problem is counted.
 */
export class Processes implements Merger {
  /** `metrics_workers`, to be added to the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #settings: ProcessesSettings
  readonly #problems: Problems
  readonly #member: Member
  readonly #sharing: Sharing
  readonly #scrape: ServiceScrape
  #states: WorkerStates = ALONE

  /**
   * Does not use the directory yet.
   * @throws DYNOAI_METRICS_ERR_OPTION if another plugin instance of this process uses it, or for a default label with
   *   the name that distinguishes processes
   */
  constructor (settings: ProcessesSettings) {
    const { service: { directory }, metricErrors, exposition, fs } = settings
    const { namePrefix, processes: { interval }, runtimeMetrics } = settings.options
    checkUnclaimed(directory)
    const { defaultLabels } = settings.options
    // The option replaces the labels of the registry.
    checkLabels(Object.keys(defaultLabels).length > 0 ? defaultLabels : defaultLabelsOf(settings.registry) ?? {})
    const problems = new Problems(metricErrors)
    const isRuntime = (name: string): boolean => isRuntimeMetric(name, runtimeMetrics || {})
    const member = new Member({
      ...settings,
      problems,
      interval,
      isRuntime,
      collect: async pass => await exposition.collect(pass),
      // What a gauge reads may be closed already. Its value ends with this process.
      collectSums: async pass =>
        await exposition.collect(pass, ({ name, type }) => type !== 'gauge' && !isRuntime(name))
    })
    this.#settings = settings
    this.#problems = problems
    this.#member = member
    this.#sharing = new Sharing({ directory, interval, member, isBusy: settings.isBusy })
    this.#scrape = new ServiceScrape({
      directory, member, problems, fs, onSlots: (slots, own) => this.#countStates(slots, own)
    })
    this.metrics = [registryMetric(workersMetric(namePrefix, () => this.#states))]
  }

  /**
   * Begins to share, until the application is closed. All metrics of this process must be in the registry.
   * @throws DYNOAI_METRICS_ERR_OPTION if another plugin instance of this process uses the directory
   */
  shareWith (application: Application): void {
    const { service: { directory, isDefault }, exposition } = this.#settings
    this.#sharing.shareWith(application)
    exposition.merger = this
    if (isDefault && this.#member.findSlot() !== null) this.#removeStaleServices(dirname(directory))
  }

  async merge (own: OwnMetrics): Promise<MergedMetrics | null> {
    const merged = await this.#scrape.merge(own)
    if (merged === null) this.#states = ALONE
    return merged
  }

  * #countStates (slots: readonly Slot[], { slot: ownSlot }: OwnedSlot): Generator<void> {
    const { service: { directory }, options } = this.#settings
    const { interval } = options.processes
    this.#states = yield * countStates(slots, { directory, ownSlot, interval, now: localSystem.now() })
  }

  #removeStaleServices (parentDirectory: string): void {
    ignoreRejection(this.#problems.reportRejection('cleanup', removeStaleServices(parentDirectory)))
  }
}

// Each process would give another value to metrics that are merged, and runtime metrics have this label already.
function checkLabels (defaultLabels: Readonly<Record<string, unknown>>): void {
  if (!Object.hasOwn(defaultLabels, WORKER)) return
  const expected = `labels other than '${WORKER}', which distinguishes processes, unless 'processes' is false`
  throw new errors.ERR_OPTION('defaultLabels', expected, received(defaultLabels[WORKER]))
}
