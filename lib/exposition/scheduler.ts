import { nextTurn, now } from '../util/native-timers.js'

/** The shortest slice on a free event loop, in milliseconds. */
const MIN_SLICE = 0.25

/** The shortest slice on a busy event loop, in milliseconds. */
const MIN_BUSY_SLICE = 1

/**
 * A slice of this length or more, in milliseconds, writes chunks of twice the size. Compressing takes most of
 * such a slice.
 */
const LONG_SLICE = 4

/** The share of a turn that a slice may take. */
const TURN_SHARE = 0.08

/** The event loop is busy if other work takes at least this long in a turn, in milliseconds. */
const BUSY_THRESHOLD = 0.9

/**
 * The limit for a slice that has not done `BUSY_SLICE_BYTES` of work, in milliseconds. It grows by `MAX_SLICE_STEP` in
 * each turn, up to `MAX_SLICE`. So a registry of external metrics, which takes 35 ms for 1 MB, is read in few turns,
 * and a small registry without a long slice.
 */
const MAX_SLICE_STEP = 10
const MAX_SLICE = 60

/** The least work of a slice on a busy event loop, in bytes of text: a little less than 1 MB, for one turn per MB. */
export const BUSY_SLICE_BYTES = 950_000

/** Measures time and waits for turns of the event loop. */
export interface TimeSource {
  now (): number
  nextTurn (): Promise<unknown>
}

export const SYSTEM_TIME: TimeSource = { now, nextTurn: async () => { await nextTurn() } }

/** The working time of all scrapes of this process, in milliseconds. */
let totalWork = 0

/**
 * Divides the work of one scrape into slices. Between slices the event loop does other work: everything except scrapes.
 * On a free event loop slices are short. On a busy event loop each turn takes long, so a slice lasts for a share of a
 * turn and does at least `BUSY_SLICE_BYTES` of work. The number of turns of a scrape then depends only on its size.
 */
export class Scheduler {
  /** Whether other work took long in one of the last two turns. */
  isBusy = false
  /** Whether a turn has been measured. */
  isMeasured = false
  readonly #time: TimeSource
  /** How long other work took in the last turn, in milliseconds. */
  #lastOtherWork = 0
  #start: number
  /** The time up to which this scrape's work is included in `totalWork`. */
  #accountedUntil: number
  /** The limit for a slice that has not done `BUSY_SLICE_BYTES` of work, in milliseconds. */
  #maxSlice = 0
  #minSlice = MIN_SLICE
  #workedBytes = 0
  #nextSlice: Promise<void> | null = null

  constructor (time: TimeSource = SYSTEM_TIME) {
    this.#time = time
    this.#start = time.now()
    this.#accountedUntil = this.#start
  }

  get isSliceOver (): boolean {
    const elapsed = this.#accountWork() - this.#start
    if (elapsed < this.#minSlice) return false
    return !this.isBusy || this.#workedBytes >= BUSY_SLICE_BYTES || elapsed >= this.#maxSlice
  }

  /** The size of a chunk on a busy event loop, in bytes. It is larger if slices are long enough for it. */
  get busyChunkSize (): number {
    return this.#minSlice >= LONG_SLICE ? 2 * BUSY_SLICE_BYTES : BUSY_SLICE_BYTES
  }

  /** Adds work that was done in this slice, in bytes of text. */
  addWork (bytes: number): void {
    this.#workedBytes += bytes
  }

  /**
   * Yields to the event loop for one turn, or the first time for up to two. Then it begins the next slice, whose length
   * depends on the other work in that turn. Concurrent calls share the turn.
   */
  async yieldTurn (): Promise<void> {
    this.#nextSlice ??= this.#startNextSlice()
    await this.#nextSlice
  }

  /**
   * Yields to the event loop until a promise settles, and then begins the next slice at once: work that is done before
   * the current turn ends is ready in the next turn. The length of the wait does not show how busy the event loop is,
   * so only the first two turns are measured.
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
    // A scrape begins within a turn, so the first measurement may have covered only the end of that turn.
    const secondTurn = this.isMeasured || otherWork >= BUSY_THRESHOLD ? 0 : await this.#waitTurn()
    this.#nextSlice = null
    this.#measure(otherWork)
    if (secondTurn > 0) this.#measure(secondTurn)
    this.#beginSlice()
  }

  /**
   * Waits for the next turn, or until a promise settles. Returns how long other work took, in milliseconds, without the
   * work of other scrapes: otherwise concurrent scrapes would take each other for a busy event loop, and work in long
   * slices on an idle one.
   */
  async #waitTurn (settled?: Promise<unknown>): Promise<number> {
    const from = this.#accountWork()
    const totalBefore = totalWork
    const turn = this.#time.nextTurn()
    await (settled === undefined ? turn : Promise.race([settled, turn]))
    this.#accountedUntil = this.#time.now()
    return this.#accountedUntil - from - (totalWork - totalBefore)
  }

  /** Adds the work since the last call to `totalWork`. A time longer than `MAX_SLICE` was partly a wait. */
  #accountWork (): number {
    const now = this.#time.now()
    totalWork += Math.min(now - this.#accountedUntil, MAX_SLICE)
    this.#accountedUntil = now
    return now
  }

  /**
   * Sets the slice length by the other work in a turn, in milliseconds. The longer of two turns counts: one of them may
   * have been measured only in part, and a busy event loop may have a short turn in which all clients read their
   * responses.
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
