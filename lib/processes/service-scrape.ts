import { performance } from 'node:perf_hooks'
import type { ExposedMetric } from '../exposition/encode-families.js'
import type { MergedMetrics, OwnMetrics } from '../exposition/merger.js'
import type { DerivedMetric } from '../registry/plugin-metric.js'
import type { Family } from '../series/family.js'
import { isTemporary } from './file-problem.js'
import type { FileSystem } from './file-system.js'
import type { Member } from './member.js'
import type { MergeReport } from './merged-families.js'
import { Outage } from './outage.js'
import { isDerived, isOwn, ownSamples } from './own-samples.js'
import type { Problems } from './problems.js'
import { runInSlices } from './run-in-slices.js'
import { ScrapeViews } from './scrape-view.js'
import type { ScrapeView } from './scrape-view.js'
import { listSlotsInSteps } from './slots.js'
import type { OwnedSlot, Slot } from './slots.js'
import { localSystem } from './system.js'

export interface ServiceScrapeOptions {
  readonly directory: string
  readonly member: Member
  readonly problems: Problems
  /** @default one by the clock of the process */
  readonly outage?: Outage | undefined
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
  /** Called with the slots of each scrape. */
  readonly onSlots: (slots: readonly Slot[], own: OwnedSlot) => Generator<void>
}

/** Merges the metrics of all processes of a service into the scrapes of this process. */
export class ServiceScrape {
  readonly #options: ServiceScrapeOptions
  readonly #views: ScrapeViews
  readonly #outage: Outage
  #hadSlot = false

  constructor (options: ServiceScrapeOptions) {
    this.#options = options
    this.#outage = options.outage ?? new Outage()
    this.#views = new ScrapeViews(options.directory, options.fs)
  }

  /**
   * Returns `null` if this process exposes its own metrics alone.
   * @throws the reason of an aborted signal, or why the scrape would show smaller counts than others
   */
  async merge (own: OwnMetrics): Promise<MergedMetrics | null> {
    const { member } = this.#options
    const slot = member.findSlot()
    if (slot === null) return this.#hadSlot ? this.#exposeAlone(new Error('This process has no slot any more')) : null
    this.#hadSlot = true
    const view = this.#views.take()
    try {
      member.own.addExposed(own.metrics)
      await member.applyRemovals()
      own.signal.throwIfAborted()
      const readAt = localSystem.now()
      const metrics = await runInSlices(this.#mergeSteps(own, slot, view), own)
      // In a turn of its own: it takes as long as a slice, or longer.
      await own.scheduler.yieldTurn()
      own.signal.throwIfAborted()
      // The next scrape, of another process, must not find smaller counts than this one.
      member.write()
      return {
        metrics,
        release: () => { this.#views.release(view) },
        complete: showsAll => { this.#noteScrape(readAt, showsAll) }
      }
    } catch (err) {
      this.#views.release(view)
      own.signal.throwIfAborted()
      return this.#exposeAlone(err)
    }
  }

  /** Throws the error instead as long as smaller counts would be taken for a restart. */
  #exposeAlone (err: unknown): null {
    const mustFail = this.#outage.mustFail()
    this.#options.problems.report(mustFail ? 'incomplete' : 'scrape', err)
    if (mustFail) throw err
    return null
  }

  * #mergeSteps (own: OwnMetrics, slot: OwnedSlot, view: ScrapeView): Generator<void, ExposedMetric[]> {
    const { directory, member, problems, onSlots } = this.#options
    const slots = yield * listSlotsInSteps(directory)
    yield * onSlots(slots, slot)
    member.ports.check(slots, slot)
    const { families } = member.own
    for (const family of families) yield * family.expireInSteps()
    const source = { slot: slot.slot, generation: slot.generation, since: performance.timeOrigin, families }
    const report = yield * view.merge(slots, source)
    this.#checkRead(report)
    for (const conflict of report.conflicts) problems.reportConflict(conflict)
    // The application may have removed metrics from the registry of this process.
    const merged = view.merged.families.filter(({ name }) => own.registeredNames.has(name) || !member.own.has(name))
    const samples = yield * ownSamples(own)
    const { startedAt } = own
    const mergedSamples = yield * member.samples.merge({ own: samples, ownSlot: slot, slots, startedAt })
    const derived = own.metrics.filter(isDerived).flatMap(metric => derive(metric, merged))
    return [...merged, ...mergedSamples, ...derived, ...own.metrics.filter(isOwn)]
  }

  /** Slots with files that break a rule are left out, since these do not become readable. */
  #checkRead ({ slots }: MergeReport): void {
    const found = slots.flatMap(({ problems }) => problems)
    for (const problem of found) this.#options.problems.report('read', problem)
    const temporary = found.find(isTemporary)
    if (temporary === undefined) this.#outage.end()
    else if (this.#outage.mustFail()) throw temporary
  }

  #noteScrape (startedAt: number, showsAll: boolean): void {
    const { member } = this.#options
    try {
      member.requested.note(startedAt)
      if (showsAll) member.scraped.note(startedAt)
    } catch (err) {
      this.#options.problems.report('write', err)
    }
  }
}

/** A metric that is computed from the sums of all processes. */
function derive (metric: DerivedMetric, families: readonly Family[]): ExposedMetric[] {
  const source = families.find(({ name }) => name === metric.source.name)
  if (source === undefined) return []
  const { name, help, type, labelNames } = metric
  return [{ name, help, type, labelNames, values: () => metric.valuesOf(source) }]
}
