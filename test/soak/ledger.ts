import { nameOf } from './keys.js'

/** How much a request adds to a sample: at least `low`, at most `high`. */
export interface Count {
  readonly key: string
  readonly low: number
  readonly high: number
}

/** The request adds this amount. */
export const exactly = (key: string, amount = 1): Count => ({ key, low: amount, high: amount })

/** It is unknown how much of this amount the request adds. */
export const upTo = (key: string, amount = 1): Count => ({ key, low: 0, high: amount })

/** A request that has ended recently, so its counts may be lost if its worker is killed now. */
interface Entry {
  readonly at: number
  readonly counts: readonly Count[]
}

/** After this time no kill can lose the counts of a request, in milliseconds. */
export const MAX_WINDOW = 30_000

/** What the clients know: how much the requests that they sent must have added to each sample. */
export class Ledger {
  /** Requests whose counts a killed worker may have lost. */
  requestsAtRisk = 0
  requests = 0
  readonly #low = new Map<string, number>()
  readonly #high = new Map<string, number>()
  readonly #recent = new Map<number, Entry[]>()
  /** When the counts were last certain to be kept, of each worker that has ended. */
  readonly #safeUntil = new Map<number, number>()

  /** Records a request that has ended for its client. */
  record (worker: number, counts: readonly Count[], at = Date.now()): void {
    this.requests++
    this.#addHigh(counts)
    const safeUntil = this.#safeUntil.get(worker)
    if (safeUntil !== undefined) {
      this.#decide({ at, counts }, safeUntil)
      return
    }
    const entries = this.#recent.get(worker)
    if (entries === undefined) this.#recent.set(worker, [{ at, counts }])
    else entries.push({ at, counts })
  }

  /** Records a request that may not have arrived, or may have been counted otherwise. */
  recordUncertain (...alternatives: ReadonlyArray<readonly Count[]>): void {
    this.requests++
    this.requestsAtRisk++
    for (const counts of alternatives) this.#addHigh(counts)
  }

  /** Called when a worker has ended. It may have lost the counts of requests that ended after `safeUntil`. */
  endWorker (worker: number, safeUntil: number): void {
    this.#safeUntil.set(worker, safeUntil)
    for (const entry of this.#recent.get(worker) ?? []) this.#decide(entry, safeUntil)
    this.#recent.delete(worker)
  }

  /** Counts the requests as certain that ended too long ago for any loss. Called now and then, to free memory. */
  settle (before = Date.now() - MAX_WINDOW): void {
    for (const [worker, entries] of this.#recent) {
      const index = entries.findIndex(({ at }) => at >= before)
      const settled = entries.splice(0, index < 0 ? entries.length : index)
      for (const { counts } of settled) this.#addLow(counts)
      if (entries.length === 0) this.#recent.delete(worker)
    }
  }

  /** The sums of all lower bounds and of all upper bounds, of the samples with this name. */
  sumOf (name: string): readonly [low: number, high: number] {
    const sum = (bounds: ReadonlyMap<string, number>): number =>
      [...bounds].reduce((sum, [key, amount]) => nameOf(key) === name ? sum + amount : sum, 0)
    return [sum(this.#low), sum(this.#high)]
  }

  /** Lists the samples, of the metrics that requests were recorded for, whose values are impossible. */
  compare (samples: ReadonlyMap<string, number>): string[] {
    this.settle(Infinity)
    const names = new Set([...this.#high.keys()].map(nameOf))
    const keys = new Set([...this.#high.keys(), ...[...samples.keys()].filter(key => names.has(nameOf(key)))])
    return [...keys].flatMap(key => {
      const [low = 0, value = 0, high = 0] = [this.#low, samples, this.#high].map(amounts => amounts.get(key))
      return value >= low && value <= high ? [] : [`${key} is ${value}, not ${low} to ${high}`]
    })
  }

  #decide ({ at, counts }: Entry, safeUntil: number): void {
    if (at <= safeUntil) this.#addLow(counts)
    else this.requestsAtRisk++
  }

  #addLow (counts: readonly Count[]): void {
    for (const { key, low } of counts) this.#low.set(key, (this.#low.get(key) ?? 0) + low)
  }

  #addHigh (counts: readonly Count[]): void {
    for (const { key, high } of counts) this.#high.set(key, (this.#high.get(key) ?? 0) + high)
  }
}
