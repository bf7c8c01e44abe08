import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

// Taken when this is loaded, since tests of an application may put others in their place.
const nextTurn = setImmediate

/** The time in milliseconds, also where the global clock is a fake. */
export const now = performance.now.bind(performance)

/** The shortest slice, in milliseconds: on a free event loop. */
const MIN_SLICE = 0.25

/** The shortest slice on a busy event loop, in milliseconds. */
const MIN_BUSY_SLICE = 1

/** From which slice on, in milliseconds, two parts are written at a time. Their compressing takes most of it. */
const LONG_SLICE = 4

/** The share of a turn that a slice may last. */
const TURN_SHARE = 0.08

/** From how many milliseconds of others on a turn makes the event loop busy. */
const BUSY_THRESHOLD = 0.9

/**
 * For how long a slice may go on that has not done its part, in milliseconds: a step more in each turn. So a registry of
 * metrics of others, which takes 35 ms for 1 MB, is read in few turns, and a small one without a long slice.
 */
const MAX_SLICE_STEP = 10
const MAX_SLICE = 60

/** What a slice does at least on a busy event loop, in bytes of text: a little less than 1 MB, for a turn per MB. */
export const BUSY_SLICE_BYTES = 950_000

/** Where a clock gets its time and its turns from. */
export interface TimeSource {
  now (): number
  nextTurn (): Promise<unknown>
}

export const SYSTEM_TIME: TimeSource = { now, nextTurn: async () => { await nextTurn() } }

/** For how long all scrapes of this process have worked, in milliseconds. */
let totalWork = 0

/**
 * Divides the work of one scrape into slices, between which the event loop serves others. On a free event loop slices
 * are short. On a busy one each turn takes long, so that a slice lasts a share of a turn, and does a part of the work:
 * the scrape then ends within a number of turns that depends on its size only.
 */
export class Scheduler {
  /** Whether others held the event loop for long in one of the last two turns. */
  isBusy = false
  /** Whether a turn has been measured. */
  isMeasured = false
  readonly #time: TimeSource
  /** For how long others held the event loop in the last turn, in milliseconds. */
  #lastOtherWork = 0
  #start: number
  /** Until when the work of this slice is in `worked`. */
  #accountedUntil: number
  /** For how long a slice may go on in this turn. */
  #maxSlice = 0
  #minSlice = MIN_SLICE
  #workedBytes = 0
  #nextSlice: Promise<void> | null = null

  constructor (time: TimeSource = SYSTEM_TIME) {
    this.#time = time
    this.#start = time.now()
    this.#accountedUntil = this.#start
  }

  /** Whether the slice is over. */
  get isSliceOver (): boolean {
    const elapsed = this.#accountWork() - this.#start
    if (elapsed < this.#minSlice) return false
    return !this.isBusy || this.#workedBytes >= BUSY_SLICE_BYTES || elapsed >= this.#maxSlice
  }

  /** How much text to write at a time on a busy event loop, in bytes: more, where turns are long enough for it. */
  get busyChunkSize (): number {
    return this.#minSlice >= LONG_SLICE ? 2 * BUSY_SLICE_BYTES : BUSY_SLICE_BYTES
  }

  /** Counts work that was done, in bytes of text. */
  addWork (bytes: number): void {
    this.#workedBytes += bytes
  }

  /**
   * Gives the event loop back for a turn, the first time perhaps for two, and begins the next slice by what others did in
   * it. All who wait share it.
   */
  async yieldTurn (): Promise<void> {
    this.#nextSlice ??= this.#startNextSlice()
    await this.#nextSlice
  }

  /**
   * Gives the event loop back until something has happened, and begins the next slice at once then: what is done before
   * the turn ends is ready in the next one. How long it took says nothing of how busy the event loop is, so that only
   * the first turns of the wait are measured.
   */
  async waitFor (promise: Promise<unknown>): Promise<void> {
    let hasSettled = false
    const settled = promise.then(() => { hasSettled = true }, () => { hasSettled = true })
    this.#measure(await this.#waitTurn())
    if (!hasSettled) this.#measure(await this.#waitTurn(settled))
    await settled
    this.#beginSlice()
  }

  async #startNextSlice (): Promise<void> {
    const otherWork = await this.#waitTurn()
    // A scrape begins within a turn, of which that may have been the end only.
    const secondTurn = this.isMeasured || otherWork >= BUSY_THRESHOLD ? 0 : await this.#waitTurn()
    this.#nextSlice = null
    this.#measure(otherWork)
    if (secondTurn > 0) this.#measure(secondTurn)
    this.#beginSlice()
  }

  /**
   * Waits for the next turn, or until something has happened. Gives how long that took without what other scrapes did, in
   * milliseconds: they would take each other for a busy event loop, and work in long slices on an idle one.
   */
  async #waitTurn (promise?: Promise<unknown>): Promise<number> {
    const from = this.#accountWork()
    const totalBefore = totalWork
    const turn = this.#time.nextTurn()
    await (promise === undefined ? turn : Promise.race([promise, turn]))
    this.#accountedUntil = this.#time.now()
    return this.#accountedUntil - from - (totalWork - totalBefore)
  }

  /** Adds what was done since the last look to the work of all scrapes. Longer than a slice, it was a wait. */
  #accountWork (): number {
    const now = this.#time.now()
    totalWork += Math.min(now - this.#accountedUntil, MAX_SLICE)
    this.#accountedUntil = now
    return now
  }

  /**
   * `others` is for how long others held the event loop, in milliseconds. The longer of two turns counts: one of them may
   * have been measured in part, and on a busy event loop may come a turn in which all clients read what they got.
   */
  #measure (otherWork: number): void {
    const longerTurn = Math.max(otherWork, this.#lastOtherWork)
    this.#lastOtherWork = otherWork
    this.isMeasured = true
    this.isBusy = longerTurn >= BUSY_THRESHOLD
    this.#minSlice = Math.max(this.isBusy ? MIN_BUSY_SLICE : MIN_SLICE, TURN_SHARE * longerTurn)
  }

  #beginSlice (): void {
    this.#start = this.#time.now()
    this.#accountedUntil = this.#start
    this.#maxSlice = Math.min(this.#maxSlice + MAX_SLICE_STEP, MAX_SLICE)
    this.#workedBytes = 0
  }
}
