import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers'
import { DELAY_BUCKETS } from '../series/buckets.js'
import { now } from '../util/native-timers.js'

/** Milliseconds between two samples. */
export const INTERVAL = 20

/**
 * Milliseconds between two calls of the timer while the process is idle. A call every 20 ms would take 0.5 % of a core,
 * and is not needed: while the event loop waits for events, samples are on time. The interval is not longer than the
 * bound of 100 ms that alerts query. So activity within one interval that counts as one block stays below that bound.
 */
export const IDLE_INTERVAL = 100

/**
 * Milliseconds between two calls of the timer after the process was idle for `LONG_IDLE` without interruption. Each
 * call takes about 0.2 ms of CPU time in a process that sleeps.
 */
export const LONG_IDLE_INTERVAL = 250

/** How long a process must be idle until the timer uses `LONG_IDLE_INTERVAL`, in milliseconds. */
export const LONG_IDLE = 5000

/** The event loop counts as idle while it is active for less than this share of the time. */
const IDLE_SHARE = 0.1

const BOUNDS: readonly number[] = DELAY_BUCKETS.map(bound => 1000 * bound)

/** The longest delay that is observed, in milliseconds, such as after the process was suspended for hours. */
const MAX_DELAY = 60_000

/** The functions of time that the sampler uses. */
export interface Clock {
  /** Milliseconds since any fixed time. */
  now (): number
  /** Milliseconds in which the event loop did not wait for events, since any fixed time. */
  active (): number
  /** Calls `fn` after this delay in milliseconds. The timer does not keep the process running. */
  after (milliseconds: number, fn: () => void): void
}

/** The time between two calls of the timer, in milliseconds. */
export interface Window {
  readonly elapsed: number
  /** How much later than due the timer was called. */
  readonly late: number
  /** How long the event loop did not wait for events. */
  readonly active: number
}

// As in `native-timers.ts`.
const utilization = performance.eventLoopUtilization.bind(performance)
const timeout = setTimeout
const clock: Clock = {
  now,
  active: () => utilization().active,
  after: (milliseconds, fn) => { timeout(fn, milliseconds).unref() }
}

/** Counts samples, which are due every 20 ms, by how late they were. */
export class EventLoopDelay {
  /** The number of samples in each of `DELAY_BUCKETS` and in `+Inf`, not cumulative. */
  readonly counts: number[] = [...BOUNDS, Infinity].map(() => 0)
  #sum = 0
  #isSampling = false

  /** The sum of all delays, in seconds. */
  get sum (): number {
    return this.#sum / 1000
  }

  /** Samples from now on, until the process exits. Further calls do nothing. */
  start ({ now, active, after }: Clock = clock): void {
    if (this.#isSampling) return
    this.#isSampling = true
    let [time, activeTime, interval] = [now(), active(), INTERVAL]
    let idleTime = 0 // in milliseconds, without interruption
    const sample = (): void => {
      const elapsed = now() - time
      const window = { elapsed, late: elapsed - interval, active: active() - activeTime }
      this.observe(window)
      time += elapsed
      activeTime += window.active
      idleTime = window.active < IDLE_SHARE * elapsed ? idleTime + elapsed : 0
      interval = intervalAfter(idleTime)
      after(interval, sample)
    }
    after(interval, sample)
  }

  /**
   * Observes the samples that were due in a window: one every 20 ms, at most 3,000. Their delays are those of one block
   * at the end of the window. The block lasts as long as the timer was late, or as the event loop was active if that is
   * longer. If the timer was at most `IDLE_INTERVAL` late, the block exceeds the lateness by at most
   * `IDLE_INTERVAL`: the activity in such a window may as well be many short turns.
   */
  observe ({ elapsed, late, active }: Window): void {
    // A clock that was set back or returns no number counts as no delay.
    const longest = elapsed > INTERVAL ? Math.min(elapsed - INTERVAL, MAX_DELAY) : 0
    const activeAtEnd = late > IDLE_INTERVAL ? active : Math.min(active, late + IDLE_INTERVAL)
    const blocked = Math.max(late, activeAtEnd)
    let delay = longest
    for (let i = 1; i === 1 || delay > 0; i++) {
      this.#count(delay <= blocked ? delay : 0)
      delay = longest - i * INTERVAL
    }
  }

  #count (delay: number): void {
    let bucket = 0
    while (bucket < BOUNDS.length && delay > BOUNDS[bucket]!) bucket++ // within the array
    this.counts[bucket]!++ // one more than bounds
    this.#sum += delay
  }
}

function intervalAfter (idleTime: number): number {
  if (idleTime === 0) return INTERVAL
  return idleTime < LONG_IDLE ? IDLE_INTERVAL : LONG_IDLE_INTERVAL
}
