import { performance } from 'node:perf_hooks'
import type { CollectedFamily } from '../exposition/check-family.js'
import { Scheduler } from '../exposition/scheduler.js'
import { now } from '../util/native-timers.js'
import { runToEnd } from '../util/run-to-end.js'
import { carrySamples } from './carried-samples.js'
import { CollectedSamples } from './collected-samples.js'
import { encodeSamples } from './encode-samples.js'
import { samplesFileName } from './file-names.js'
import { FileProblem } from './file-problem.js'
import { nodeFileSystem } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { mergeSamples } from './merge-samples.js'
import type { DefinitionConflict } from './merged-families.js'
import { runInSlices } from './run-in-slices.js'
import { writeSamplesFile } from './samples-file.js'
import { SamplesReader } from './samples-reader.js'
import type { ListedSlot, SamplesProblem } from './samples-reader.js'
import { Sampling } from './sampling.js'
import type { OwnedSlot } from './slots.js'

/** A slot and the generation in which this process owns it. */
export type OwnGeneration = Pick<OwnedSlot, 'slot' | 'generation'>

export interface SharedSamplesOptions {
  /** The directory of the slots. It may not exist. */
  readonly directory: string
  /** Whether a metric is a runtime metric, of which each process has its series, by its name. */
  readonly isRuntime: (name: string) => boolean
  /** Collects the samples of this process. Concurrent calls and scrapes share each call of a metric. */
  readonly collect: (signal: AbortSignal) => Promise<CollectedFamily[]>
  /** Collects the counters, histograms and summaries of this process for the last time. */
  readonly collectSums: (signal: AbortSignal) => Promise<CollectedFamily[]>
  /** Called for samples that cannot be written. */
  readonly onError: (err: unknown) => void
  /** Called in each merge for a file that cannot be used, and for sums that a slot does not inherit. @default none */
  readonly onProblem?: ((problem: SamplesProblem) => void) | undefined
  /** Called in each merge for a metric that is left out, since a newer process defines it otherwise. @default none */
  readonly onConflict?: ((conflict: DefinitionConflict) => void) | undefined
  /** When this process started, in milliseconds since 1970. @default performance.timeOrigin */
  readonly since?: number | undefined
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
}

/** What one merge reads. */
export interface SamplesMerge {
  /** The samples of this process, collected for this scrape. */
  readonly own: readonly CollectedFamily[]
  /** The slot of this process; `null` if it has none. */
  readonly ownSlot: OwnGeneration | null
  /** All slots of the directory, as `listSlots` returns them. */
  readonly slots: readonly ListedSlot[]
  /** When this process began to collect `own`, in milliseconds of `performance.now()`. @default the current time */
  readonly startedAt?: number | undefined
}

/**
 * Shares the metrics that are not in the store with the other processes of a service: runtime metrics, metrics of other
 * packages, and gauges that are collected.
 */
export class SharedSamples {
  readonly #options: SharedSamplesOptions
  readonly #fs: FileSystem
  readonly #collected: CollectedSamples
  readonly #reader: SamplesReader
  readonly #sampling: Sampling
  /** The slot of this process once it has inherited the sums of the owners before. */
  #ownSlot: OwnGeneration | null = null
  #isClosed = false
  /** The numbers of the write that has begun last, and of the one that has ended last. */
  #lastBegun = 0
  #lastWritten = 0

  constructor (options: SharedSamplesOptions) {
    const { directory, onError, since = performance.timeOrigin, fs = nodeFileSystem } = options
    this.#options = options
    this.#fs = fs
    this.#collected = new CollectedSamples(since)
    this.#reader = new SamplesReader(directory, fs)
    const collect = async (signal: AbortSignal): Promise<void> => { await this.#collect(options.collect, signal) }
    this.#sampling = new Sampling({ collect, onError })
  }

  /**
   * Merges the samples of all processes, and pauses regularly. May run more than once at a time. It first writes the
   * samples of this process: otherwise the next scrape, of another process, could find a smaller sum.
   * @throws an error of the operating system if the directory cannot be read
   */
  * merge ({ own, ownSlot, slots, startedAt = now() }: SamplesMerge): Generator<void, readonly CollectedFamily[]> {
    const collected = this.#collected.update(own, startedAt)
    if (ownSlot === null) return own
    yield * this.#write()
    const { isRuntime, onProblem = ignore, onConflict = ignore } = this.#options
    const { slots: read, problems } = yield * this.#reader.read(slots, ownSlot)
    const inherited = read.find(({ slot }) => slot === ownSlot.slot)?.parts ?? []
    // A metric of this process that fails must not decrease the sum over all processes.
    const names = new Set(own.map(({ name }) => name))
    const families = [...collected, ...this.#collected.otherSums(names, startedAt)]
    const sources = read.filter(({ slot }) => slot !== ownSlot.slot)
    sources.push({ slot: ownSlot.slot, parts: [...inherited, { families, isLiving: true }] })
    const merged = yield * mergeSamples(sources, isRuntime)
    for (const problem of problems) onProblem(problem)
    for (const conflict of merged.conflicts) onConflict(conflict)
    return [...merged.families.values()]
  }

  /**
   * Inherits the sums of the owners of a slot before. Called after this process has taken the slot. Returns false if
   * they cannot be read at present. If they can be read, but not be written, `update` tries again.
   */
  inherit ({ slot, generation }: OwnGeneration): boolean {
    this.#ownSlot = null
    const { onError, onProblem = ignore } = this.#options
    try {
      const problems = runToEnd(carrySamples({ ...this.#options, fs: this.#fs, slot, generation }))
      for (const problem of problems) onProblem({ slot, problem })
      this.#ownSlot = { slot, generation }
    } catch (err) {
      if (err instanceof FileProblem) {
        onProblem({ slot, problem: err })
        return false
      }
      onError(err)
    }
    return true
  }

  /**
   * Called in each interval: collects if that is due, and tries to inherit again if that has failed. `lastScrape` is
   * when any process was last scraped, in milliseconds since 1970.
   */
  update (slot: OwnGeneration, lastScrape: number): void {
    const own = this.#ownSlot
    if (own?.slot !== slot.slot || own.generation !== slot.generation) this.inherit(slot)
    this.#sampling.update(lastScrape)
  }

  /** Writes the last sums, and collects no more. It takes as long as the timeout of the collectors at most. */
  async collectLast (): Promise<void> {
    this.#sampling.close()
    try {
      await this.#collect(this.#options.collectSums, new AbortController().signal)
    } catch (err) {
      this.#options.onError(err)
    }
  }

  /** Writes no more. */
  close (): void {
    this.#isClosed = true
    this.#sampling.close()
  }

  async #collect (collect: SharedSamplesOptions['collect'], signal: AbortSignal): Promise<void> {
    const startedAt = now()
    this.#collected.updateAll(await collect(signal), startedAt)
    await runInSlices(this.#write(), { scheduler: new Scheduler(), signal })
  }

  /** Writes the samples of this process for the others. */
  * #write (): Generator<void> {
    const { directory, onError } = this.#options
    const own = this.#ownSlot
    if (own === null || this.#isClosed) return
    const number = ++this.#lastBegun
    const { blocks, problems } = yield * encodeSamples(this.#collected.families)
    // A later write has newer samples. In another slot, the samples of this process must not be twice.
    if (number < this.#lastWritten || own !== this.#ownSlot) return
    this.#lastWritten = number
    try {
      writeSamplesFile({ fs: this.#fs, directory, name: samplesFileName(own.slot, own.generation) }, blocks)
      for (const problem of problems) onError(problem)
    } catch (err) {
      onError(err)
    }
  }
}

function ignore (): void {}
