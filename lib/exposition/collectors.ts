import { setImmediate } from 'node:timers'
import { errors } from '../errors.js'
import type { RegistryMetric } from '../types.js'
import { ask } from './ask.js'
import type { Given } from './ask.js'
import { checkFamily } from './family.js'
import type { Family } from './family.js'
import type { GivenLabels } from './rows.js'
import { Slice } from './slice.js'

/** A metric of a registry and the name it was registered under. */
export interface NamedCollector {
  readonly name: string
  readonly metric: RegistryMetric
}

/**
 * Asks metrics for their samples: each at most once at a time, so that scrapes at the same time share what one of them
 * has asked for. One that has not answered within a limit is left out, and so it is in later scrapes, without a wait,
 * until it answers.
 */
export class Collectors {
  readonly #timeout: number
  readonly #onError: (metric: string, err: unknown) => void
  readonly #running = new WeakMap<RegistryMetric, Promise<Given>>()

  /** `timeout` is in milliseconds; `onError` hears of every metric that a scrape has to do without. */
  constructor (timeout: number, onError: (metric: string, err: unknown) => void) {
    this.#timeout = timeout
    this.#onError = onError
  }

  /**
   * The families of these metrics in their order, with `defaultLabels` on their samples; `null` for one that failed or
   * took too long. It rejects as soon as `signal` is aborted, also while it waits for one.
   */
  async collect (
    collectors: readonly NamedCollector[], defaultLabels: GivenLabels, signal: AbortSignal
  ): Promise<Array<Family | null>> {
    const families: Array<Promise<Family | null>> = []
    const slice = new Slice()
    for (const collector of collectors) {
      families.push(this.#read(collector, defaultLabels))
      if (slice.isOver) await slice.next()
      signal.throwIfAborted()
    }
    return await Promise.race([Promise.all(families), abortOf(signal)])
  }

  async #read (collector: NamedCollector, defaultLabels: GivenLabels): Promise<Family | null> {
    const { name } = collector
    try {
      const { value } = await this.#get(collector)
      return await checkFamily(name, value, { defaultLabels, onDuplicate: err => { this.#onError(name, err) } })
    } catch (err) {
      this.#onError(name, err)
      return null
    }
  }

  #get ({ name, metric }: NamedCollector): Promise<Given> {
    const running = this.#running.get(metric)
    if (running !== undefined) return running
    // Kept for the rest of this turn: scrapes that arrive together share also what is there at once.
    const forget = (): void => {
      setImmediate(() => {
        // A thenable may answer twice.
        if (this.#running.get(metric) === given) this.#running.delete(metric)
      })
    }
    const given = ask({
      metric,
      timeout: this.#timeout,
      timedOut: () => new errors.ERR_COLLECT(name, 'it took too long', `nothing within ${this.#timeout} ms`),
      onAnswer: forget
    })
    this.#running.set(metric, given)
    return given
  }
}

/** Rejects with the reason of a signal when that is aborted. */
async function abortOf (signal: AbortSignal): Promise<never> {
  await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
  throw signal.reason
}
