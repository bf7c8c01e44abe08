import { setImmediate as nextTurn } from 'node:timers/promises'
import { errors } from '../errors.js'
import type { RegistryMetric } from '../types.js'
import { checkFamily } from './family.js'
import type { Family } from './family.js'
import { Slice } from './slice.js'

/** A metric of a registry and the name it was registered under. */
export interface NamedCollector {
  readonly name: string
  readonly metric: RegistryMetric
}

const TIMED_OUT = Symbol('timed out')

/**
 * Asks metrics for their samples: each at most once at a time, so that scrapes at the same time share what one of them
 * has asked for, and each no longer than a limit.
 */
export class Collectors {
  readonly #timeout: number
  readonly #onError: (metric: string, err: unknown) => void
  readonly #running = new Map<RegistryMetric, Promise<unknown>>()

  /** `timeout` is in milliseconds; `onError` hears of every metric that a scrape has to do without. */
  constructor (timeout: number, onError: (metric: string, err: unknown) => void) {
    this.#timeout = timeout
    this.#onError = onError
  }

  /**
   * The families of these metrics in their order, `null` for one that failed or took too long. It rejects as soon as
   * `signal` is aborted, also while it waits for one.
   */
  async collect (collectors: readonly NamedCollector[], signal: AbortSignal): Promise<Array<Family | null>> {
    let timer: NodeJS.Timeout | undefined
    const timedOut = new Promise<typeof TIMED_OUT>(resolve => {
      timer = setTimeout(() => { resolve(TIMED_OUT) }, this.#timeout)
    })
    try {
      const families: Array<Promise<Family | null>> = []
      const slice = new Slice()
      for (const collector of collectors) {
        families.push(this.#read(collector, timedOut))
        if (slice.isOver) await slice.next()
        signal.throwIfAborted()
      }
      return await Promise.race([Promise.all(families), abortOf(signal)])
    } finally {
      clearTimeout(timer)
    }
  }

  async #read ({ name, metric }: NamedCollector, timedOut: Promise<typeof TIMED_OUT>): Promise<Family | null> {
    try {
      const given = await Promise.race([this.#get(metric), timedOut])
      if (given === TIMED_OUT) throw new errors.ERR_COLLECT(name, 'it took too long', `nothing within ${this.#timeout} ms`)
      return await checkFamily(name, given)
    } catch (err) {
      this.#onError(name, err)
      return null
    }
  }

  #get (metric: RegistryMetric): Promise<unknown> {
    const running = this.#running.get(metric)
    if (running !== undefined) return running
    const given = (async () => await metric.get())()
    this.#running.set(metric, given)
    // Kept for the rest of this turn: scrapes that arrive together share also what is there at once.
    const forget = async (): Promise<void> => {
      await nextTurn()
      this.#running.delete(metric)
    }
    given.then(forget, forget)
    return given
  }
}

/** Rejects with the reason of a signal when that is aborted. */
async function abortOf (signal: AbortSignal): Promise<never> {
  await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
  throw signal.reason
}
