import { setImmediate } from 'node:timers'
import { errors } from '../errors.js'
import { isSharedView } from '../registry/shared-collection.js'
import type { RegistryMetric } from '../types/index.js'
import { callGet } from './call-get.js'
import type { GetResult } from './call-get.js'
import type { Scheduler } from './scheduler.js'
import { checkFamily } from './check-family.js'
import type { CollectedFamily } from './check-family.js'
import type { UncheckedLabels } from '../series/label-value.js'

// Taken when this is loaded, since tests of an application may put another in its place.
const onNextTurn = setImmediate

/** A metric of a registry and the name it was registered under. */
export interface NamedCollector {
  readonly name: string
  readonly metric: RegistryMetric
}

/** What one scrape collects by. */
export interface CollectingPass {
  readonly scheduler: Scheduler
  /** Put on every sample that has no own label of that name. */
  readonly defaultLabels: UncheckedLabels
  /** Aborted when nobody wants the families any more. */
  readonly signal: AbortSignal
}

/**
 * Asks metrics for their samples: each at most once at a time, so that scrapes at the same time share what one of them
 * has asked for. One that has not answered within a limit is left out, and so it is in later scrapes, without a wait,
 * until it answers.
 */
export class Collectors {
  readonly #timeout: number
  readonly #onError: (metric: string, err: unknown) => void
  readonly #running = new WeakMap<RegistryMetric, Promise<GetResult>>()

  /** `timeout` is in milliseconds; `onError` hears of every metric that a scrape has to do without. */
  constructor (timeout: number, onError: (metric: string, err: unknown) => void) {
    this.#timeout = timeout
    this.#onError = onError
  }

  /**
   * The families of these metrics in their order, with the default labels on their samples; `null` for one that failed or
   * took too long. It rejects as soon as the signal is aborted, also while it waits for one.
   */
  async collect (collectors: readonly NamedCollector[], pass: CollectingPass): Promise<Array<CollectedFamily | null>> {
    const { scheduler, signal } = pass
    let onAbort: (() => void) | undefined
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => { reject(signal.reason) }
      signal.addEventListener('abort', onAbort)
    })
    aborted.catch(() => {}) // whoever waits for the families learns of it
    // Keeps the process alive for as long as it waits for a metric, also one that is asked late.
    const keepAlive = setInterval(() => {}, this.#timeout)
    try {
      const families: Array<Promise<CollectedFamily | null>> = []
      const shared = this.#startShared(collectors)
      for (const collector of collectors) {
        families.push(this.#check(collector, shared.get(collector) ?? this.#callOnce(collector), pass))
        if (scheduler.isSliceOver) await scheduler.yieldTurn()
        signal.throwIfAborted()
      }
      return await Promise.race([Promise.all(families), aborted])
    } finally {
      clearInterval(keepAlive)
      signal.removeEventListener('abort', onAbort!) // set above, at once
    }
  }

  /** Asks now what is read together, so that no turn of the event loop comes between; the others are not asked yet. */
  #startShared (collectors: readonly NamedCollector[]): Map<NamedCollector, Promise<GetResult>> {
    const shared = new Map(collectors.filter(({ metric }) => isSharedView(metric)).map(collector => [collector, this.#callOnce(collector)]))
    for (const result of shared.values()) result.catch(() => {}) // whoever reads it learns that
    return shared
  }

  async #check ({ name }: NamedCollector, result: Promise<GetResult>, { scheduler, defaultLabels }: CollectingPass): Promise<CollectedFamily | null> {
    try {
      const { value } = await result
      return await checkFamily(name, value, { scheduler, defaultLabels, onDuplicate: err => { this.#onError(name, err) } })
    } catch (err) {
      this.#onError(name, err)
      return null
    }
  }

  #callOnce ({ name, metric }: NamedCollector): Promise<GetResult> {
    const running = this.#running.get(metric)
    if (running !== undefined) return running
    // Kept for the rest of this turn: scrapes that arrive together share also what is there at once.
    const forget = (): void => {
      onNextTurn(() => {
        // A thenable may answer twice.
        if (this.#running.get(metric) === result) this.#running.delete(metric)
      })
    }
    const result = callGet({
      metric,
      timeout: this.#timeout,
      timedOut: () => new errors.ERR_COLLECT(name, 'it took too long', `nothing within ${this.#timeout} ms`),
      onSettled: forget
    })
    this.#running.set(metric, result)
    return result
  }
}
