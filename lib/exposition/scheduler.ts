import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

// Taken when this is loaded, since tests of an application may put others in their place.
const nextTurn = setImmediate

/** The time in milliseconds, also where the global clock is a fake. */
export const now = performance.now.bind(performance)

/** The shortest slice, in milliseconds: on a free event loop. */
const SLICE = 0.25

/** The shortest slice on a busy event loop, in milliseconds. */
const BUSY_SLICE = 1

/** From which slice on, in milliseconds, two parts are written at a time. Their compressing takes most of it. */
const LONG_SLICE = 4

/** The share of a turn that a slice may last. */
const SHARE = 0.08

/** From how many milliseconds of others on a turn makes the event loop busy. */
const BUSY = 0.9

/**
 * For how long a slice may go on that has not done its part, in milliseconds: a step more in each turn. So a registry of
 * metrics of others, which takes 35 ms for 1 MB, is read in few turns, and a small one without a long slice.
 */
const STEP = 10
const LONGEST = 60

/** What a slice does at least on a busy event loop, in bytes of text: a little less than 1 MB, for a turn per MB. */
export const PART = 950_000

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
  #others = 0
  #start: number
  /** Until when the work of this slice is in `worked`. */
  #accountedUntil: number
  /** For how long a slice may go on in this turn. */
  #longest = 0
  #slice = SLICE
  #done = 0
  #nextSlice: Promise<void> | null = null

  constructor (time: TimeSource = SYSTEM_TIME) {
    this.#time = time
    this.#start = time.now()
    this.#accountedUntil = this.#start
  }

  /** Whether the slice is over. */
  get isOver (): boolean {
    const elapsed = this.#accountWork() - this.#start
    if (elapsed < this.#slice) return false
    return !this.isBusy || this.#done >= PART || elapsed >= this.#longest
  }

  /** How much text to write at a time on a busy event loop, in bytes: more, where turns are long enough for it. */
  get part (): number {
    return this.#slice >= LONG_SLICE ? 2 * PART : PART
  }

  /** Counts work that was done, in bytes of text. */
  addWork (bytes: number): void {
    this.#done += bytes
  }

  /**
   * Gives the event loop back for a turn, the first time perhaps for two, and begins the next slice by what others did in
   * it. All who wait share it.
   */
  async next (): Promise<void> {
    this.#nextSlice ??= this.#startNextSlice()
    await this.#nextSlice
  }

  /**
   * Gives the event loop back until something has happened, and begins the next slice at once then: what is done before
   * the turn ends is ready in the next one. How long it took says nothing of how busy the event loop is, so that only
   * the first turns of the wait are measured.
   */
  async until (event: Promise<unknown>): Promise<void> {
    let hasHappened = false
    const happened = event.then(() => { hasHappened = true }, () => { hasHappened = true })
    this.#measure(await this.#waitTurn())
    if (!hasHappened) this.#measure(await this.#waitTurn(happened))
    await happened
    this.#beginSlice()
  }

  async #startNextSlice (): Promise<void> {
    const others = await this.#waitTurn()
    // A scrape begins within a turn, of which that may have been the end only.
    const more = this.isMeasured || others >= BUSY ? 0 : await this.#waitTurn()
    this.#nextSlice = null
    this.#measure(others)
    if (more > 0) this.#measure(more)
    this.#beginSlice()
  }

  /**
   * Waits for the next turn, or until something has happened. Gives how long that took without what other scrapes did, in
   * milliseconds: they would take each other for a busy event loop, and work in long slices on an idle one.
   */
  async #waitTurn (event?: Promise<unknown>): Promise<number> {
    const from = this.#accountWork()
    const before = totalWork
    const turn = this.#time.nextTurn()
    await (event === undefined ? turn : Promise.race([event, turn]))
    this.#accountedUntil = this.#time.now()
    return this.#accountedUntil - from - (totalWork - before)
  }

  /** Adds what was done since the last look to the work of all scrapes. Longer than a slice, it was a wait. */
  #accountWork (): number {
    const now = this.#time.now()
    totalWork += Math.min(now - this.#accountedUntil, LONGEST)
    this.#accountedUntil = now
    return now
  }

  /**
   * `others` is for how long others held the event loop, in milliseconds. The longer of two turns counts: one of them may
   * have been measured in part, and on a busy event loop may come a turn in which all clients read what they got.
   */
  #measure (others: number): void {
    const longer = Math.max(others, this.#others)
    this.#others = others
    this.isMeasured = true
    this.isBusy = longer >= BUSY
    this.#slice = Math.max(this.isBusy ? BUSY_SLICE : SLICE, SHARE * longer)
  }

  #beginSlice (): void {
    this.#start = this.#time.now()
    this.#accountedUntil = this.#start
    this.#longest = Math.min(this.#longest + STEP, LONGEST)
    this.#done = 0
  }
}
