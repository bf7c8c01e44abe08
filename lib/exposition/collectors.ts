import { errors } from '../errors.js'
import { isSharedView } from '../registry/shared-collection.js'
import type { UncheckedLabels } from '../series/label-value.js'
import type { RegistryMetric } from '../types/index.js'
import { onNextTurn } from '../util/native-timers.js'
import { unref } from '../util/unref.js'
import { callGet } from './call-get.js'
import type { GetResult } from './call-get.js'
import { checkFamily } from './check-family.js'
import type { CollectedFamily } from './check-family.js'
import type { Scheduler } from './scheduler.js'

/** A metric and the name under which it is registered. */
export interface NamedCollector {
  readonly name: string
  readonly metric: RegistryMetric
}

/** One scrape, or another pass over the metrics. */
export interface ScrapePass {
  readonly scheduler: Scheduler
  /** Aborted when the metrics are not needed any more. */
  readonly signal: AbortSignal
  /** Whether the process may exit while it waits for a metric. @default false */
  readonly isBackground?: boolean | undefined
}

/** The settings of one pass for collecting. */
export interface CollectingPass extends ScrapePass {
  /** Added to each sample that does not have a label of that name. */
  readonly defaultLabels: UncheckedLabels
}

/**
 * Collects the samples of metrics. It calls each metric's `get()` at most once at a time, so concurrent scrapes share
 * one call. A metric that does not resolve within the timeout is left out. Until it resolves, later scrapes also leave
 * it out, without waiting for it.
 */
export class Collectors {
  readonly #timeout: number
  readonly #onError: (metric: string, err: unknown) => void
  readonly #running = new WeakMap<RegistryMetric, Promise<GetResult>>()

  /** `timeout` is in milliseconds; `onError` is called for each metric that a scrape leaves out. */
  constructor (timeout: number, onError: (metric: string, err: unknown) => void) {
    this.#timeout = timeout
    this.#onError = onError
  }

  /**
   * Collects the families of these metrics, in the same order, with the default labels on their samples; `null` for a
   * metric that failed or took too long. Rejects as soon as the signal is aborted, even while a metric is running.
   */
  async collect (collectors: readonly NamedCollector[], pass: CollectingPass): Promise<Array<CollectedFamily | null>> {
    const { scheduler, signal, isBackground = false } = pass
    let onAbort: (() => void) | undefined
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => { reject(signal.reason) }
      signal.addEventListener('abort', onAbort)
    })
    aborted.catch(() => {}) // it may reject before `Promise.race` below handles it
    // Keeps the process running while it waits for a metric, also for one whose `get()` is called late.
    const keepAlive = setInterval(() => {}, this.#timeout)
    if (isBackground) unref(keepAlive)
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
      signal.removeEventListener('abort', onAbort!) // a promise's executor runs synchronously
    }
  }

  /** Calls the metrics of a shared collection now, all in one turn of the event loop. The others are not called yet. */
  #startShared (collectors: readonly NamedCollector[]): Map<NamedCollector, Promise<GetResult>> {
    const shared = collectors.filter(({ metric }) => isSharedView(metric))
    const results = new Map(shared.map(collector => [collector, this.#callOnce(collector)]))
    for (const result of results.values()) result.catch(() => {}) // it may reject before `#check` handles it
    return results
  }

  async #check (
    { name }: NamedCollector,
    result: Promise<GetResult>,
    { scheduler, defaultLabels }: CollectingPass
  ): Promise<CollectedFamily | null> {
    const onDuplicate = (err: unknown): void => { this.#onError(name, err) }
    try {
      const { value } = await result
      return await checkFamily(name, value, { scheduler, defaultLabels, onDuplicate })
    } catch (err) {
      this.#onError(name, err)
      return null
    }
  }

  #callOnce ({ name, metric }: NamedCollector): Promise<GetResult> {
    const running = this.#running.get(metric)
    if (running !== undefined) return running
    // Kept until the end of the turn: scrapes that arrive together share also a result that is available at once.
    const forget = (): void => {
      onNextTurn(() => {
        // A thenable may settle twice, and the second time another call may be running.
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
