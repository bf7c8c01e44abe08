import { performance } from 'node:perf_hooks'
import type { CollectedFamily } from '../exposition/check-family.js'
import type { ScrapePass } from '../exposition/collectors.js'
import type { CollectedMetrics } from '../exposition/merger.js'
import { Scheduler } from '../exposition/scheduler.js'
import { version } from '../registry/version.js'
import type { MetricsRegistry } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'
import type { FileSystem } from './file-system.js'
import { InheritedExpiry } from './inherited-expiry.js'
import { Membership } from './membership.js'
import { describeThread } from './owner.js'
import { OwnFamilies } from './own-families.js'
import { ownSamples } from './own-samples.js'
import { Ports } from './ports.js'
import type { Problems } from './problems.js'
import { runInSlices } from './run-in-slices.js'
import { ScrapedFile } from './scraped-file.js'
import type { Service } from './service.js'
import { ServiceRemovals } from './service-removals.js'
import { SharedSamples } from './shared-samples.js'
import type { OwnedSlot } from './slots.js'
import { localSystem } from './system.js'
import { WriteTimes } from './write-times.js'

export interface MemberOptions {
  readonly service: Service
  /** The time between two writes, in milliseconds. */
  readonly interval: number
  readonly registry: MetricsRegistry
  /** Whether a metric is a runtime metric, by its name. */
  readonly isRuntime: (name: string) => boolean
  /** Collects the metrics of this process. */
  readonly collect: (pass: ScrapePass) => Promise<CollectedMetrics>
  /** Collects its counters, histograms and summaries. */
  readonly collectSums: (pass: ScrapePass) => Promise<CollectedMetrics>
  readonly problems: Problems
  /** Where this process answers scrapes, as `host:port` or the path of a socket; `null` as long as it does not. */
  readonly address: () => string | null
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
}

/** This process as one of a service: it has a slot, and writes its metrics there for the others. */
export class Member {
  readonly own: OwnFamilies
  readonly samples: SharedSamples
  /** When a scrape has shown all metrics. */
  readonly scraped: ScrapedFile
  /** When a scrape has shown all metrics, or some. */
  readonly requested: ScrapedFile
  readonly ports: Ports
  readonly #membership: Membership
  readonly #removals: ServiceRemovals
  readonly #writeTimes = new WriteTimes()
  readonly #problems: Problems
  #inheritedExpiry = new InheritedExpiry(Infinity)
  #isClosing = false

  constructor (options: MemberOptions) {
    const { service, interval, registry, problems, fs } = options
    const { directory } = service
    this.#problems = problems
    this.ports = new Ports({ directory, address: options.address, problems })
    this.#removals = new ServiceRemovals({
      directory, membership: () => this.#membership, fs, onError: err => { problems.report('write', err) }
    })
    this.own = new OwnFamilies(registry, this.#removals)
    this.scraped = new ScrapedFile(directory, 'scraped')
    this.requested = new ScrapedFile(directory, 'requested')
    this.samples = new SharedSamples({
      directory,
      isRuntime: options.isRuntime,
      collect: async signal => await collectOwn(options.collect, { signal, isBackground: true }),
      collectSums: async signal => await collectOwn(options.collectSums, { signal }),
      onError: err => { problems.report('write', err) },
      onProblem: ({ problem }) => { problems.report('read', problem) },
      onConflict: conflict => { problems.reportConflict(conflict) },
      since: performance.timeOrigin,
      fs
    })
    this.#membership = new Membership({
      service,
      owner: { ...describeThread(), isReleased: false, interval, version },
      families: this.own.families,
      since: performance.timeOrigin,
      fs,
      inheritSamples: slot => {
        this.#inheritedExpiry = new InheritedExpiry(performance.now())
        return this.samples.inherit(slot)
      },
      onOverflow: metric => { problems.reportOverflow(metric) },
      onProblem: problem => { problems.report('read', problem) }
    })
  }

  /** The slot of this process, which takes one if it has none; `null` if that fails. */
  findSlot (): OwnedSlot | null {
    if (this.#isClosing) return null
    try {
      this.#membership.ensureSlot()
    } catch (err) {
      this.#problems.report('directory', err)
    }
    return this.#membership.slot
  }

  /** Called in each interval: writes the metrics of this process. */
  update (): void {
    const slot = this.findSlot()
    if (slot === null) return
    this.#attempt(() => {
      const shownAt = this.#writeTimes.shownBy(this.scraped.latest)
      if (shownAt !== null) this.#expire(shownAt)
      this.write()
      ignoreRejection(this.#removals.apply())
      this.samples.update(slot, this.requested.latest)
      this.ports.announce(slot)
    })
  }

  /** Writes the counts. */
  write (): void {
    this.#attempt(() => {
      const time = { date: localSystem.now(), time: performance.now() }
      this.own.update()
      this.#membership.writer?.write()
      this.#writeTimes.add(time)
    })
  }

  /** Removes from the inherited counts what the application has removed: until then scrapes contain it. */
  async applyRemovals (): Promise<void> {
    await this.#removals.apply()
  }

  /** Writes the counts if the slot is still that of this process: another one may have its number. */
  writeOwned (): void {
    if (this.#membership.hasSlot) this.write()
  }

  /** Writes all counts, and answers for no other process any more. What is counted later can still be written. */
  async close (): Promise<void> {
    this.#isClosing = true
    await this.samples.collectLast()
    this.writeOwned()
    this.ports.close()
  }

  /** Writes the last counts, and makes the slot free. */
  end (): void {
    this.#isClosing = true
    this.writeOwned()
    if (this.#membership.hasSlot) this.#removals.applyNow()
    this.samples.close()
    this.own.close()
    this.ports.close()
    this.#attempt(() => { this.#membership.release() })
  }

  /** A scrape has shown all that was written before a time of `performance.now()`, so that it may expire. */
  #expire (shownAt: number): void {
    this.own.expire(shownAt)
    this.#removals.expire(this.#inheritedExpiry.due(this.own.families, shownAt))
  }

  #attempt (write: () => void): void {
    try {
      write()
    } catch (err) {
      this.#problems.report('write', err)
    }
  }
}

async function collectOwn (
  collect: MemberOptions['collect'], pass: Pick<ScrapePass, 'signal' | 'isBackground'>
): Promise<CollectedFamily[]> {
  const scheduler = new Scheduler()
  return await runInSlices(ownSamples(await collect({ ...pass, scheduler })), { ...pass, scheduler })
}
