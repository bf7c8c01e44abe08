import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers'
import { DELAY_BUCKETS } from '../series/buckets.js'

/** Milliseconds between two samples. */
export const INTERVAL = 20

/**
 * Milliseconds between two calls of the timer while the process is idle. To wake it every 20 ms takes 0.5 % of a core,
 * and that samples are on time while the event loop waits is known without it. Not longer than the bound of 100 ms that
 * alerts ask for: what is taken for one block within such a time stays below it.
 */
export const IDLE_INTERVAL = 100

/**
 * Milliseconds between two calls of the timer once the process was idle for `LONG_IDLE` without a break: each call costs a
 * process that sleeps some 0.2 ms of CPU time.
 */
export const LONG_IDLE_INTERVAL = 250

/** For how long a process is idle until the timer wakes it least often, in milliseconds. */
export const LONG_IDLE = 5000

/** An event loop is idle here while it is active for less than this share of the time. */
const IDLE_SHARE = 0.1

const BOUNDS: readonly number[] = DELAY_BUCKETS.map(bound => 1000 * bound)

/** The longest delay that is filled in, in milliseconds; a process that was suspended for hours is as late as that. */
const LONGEST = 60_000

/** What the sampler needs of time. */
export interface Clock {
  /** Milliseconds from any moment on. */
  now (): number
  /** Milliseconds for which the event loop did not wait for events, from any moment on. */
  active (): number
  /** Calls `fn` after so many milliseconds, and keeps no process alive for it. */
  after (milliseconds: number, fn: () => void): void
}

/** The time between two calls of the timer, in milliseconds. */
export interface Window {
  readonly elapsed: number
  /** How much later than it was due the timer was called. */
  readonly late: number
  /** For how long the event loop did not wait for events. */
  readonly active: number
}

// Taken when this module is loaded, so that fake timers of a test that come later change nothing here.
const now = performance.now.bind(performance)
const utilization = performance.eventLoopUtilization.bind(performance)
const timeout = setTimeout
const clock: Clock = {
  now,
  active: () => utilization().active,
  after: (milliseconds, fn) => { timeout(fn, milliseconds).unref() }
}

/** How late samples were that were due every 20 ms, counted by bucket. */
export class EventLoopDelay {
  /** The samples of each of `DELAY_BUCKETS` and of `+Inf`, not cumulative. */
  readonly counts: number[] = [...BOUNDS, Infinity].map(() => 0)
  #sum = 0
  #isSampling = false

  /** The sum of all delays, in seconds. */
  get sum (): number {
    return this.#sum / 1000
  }

  /** Samples from now on, until the process ends; does nothing from the second call on. */
  start ({ now, active, after }: Clock = clock): void {
    if (this.#isSampling) return
    this.#isSampling = true
    let [time, activeTime, interval] = [now(), active(), INTERVAL]
    let idle = 0 // for how many milliseconds now
    const sample = (): void => {
      const elapsed = now() - time
      const window = { elapsed, late: elapsed - interval, active: active() - activeTime }
      this.observe(window)
      time += elapsed
      activeTime += window.active
      idle = window.active < IDLE_SHARE * elapsed ? idle + elapsed : 0
      interval = intervalAfter(idle)
      after(interval, sample)
    }
    after(interval, sample)
  }

  /**
   * Observes the samples that were due in a window, 20 ms after one another and at most 3,000. A sample is delayed by
   * what the event loop did last in the window: the timer is late by that, or, where it was due after that, this is
   * taken to have been one block at the end. Where the timer was not much later than due, no more than `IDLE_INTERVAL` is
   * taken for that: what was active in a longer wait may as well have been many short turns.
   */
  observe ({ elapsed, late, active }: Window): void {
    // A clock that was set back, or that is not one, is no delay.
    const longest = elapsed > INTERVAL ? Math.min(elapsed - INTERVAL, LONGEST) : 0
    const blocked = late > IDLE_INTERVAL ? Math.max(late, active) : Math.max(late, Math.min(active, late + IDLE_INTERVAL))
    let delay = longest
    for (let i = 1; i === 1 || delay > 0; i++) {
      this.#count(delay <= blocked ? delay : 0)
      delay = longest - i * INTERVAL
    }
  }

  #count (delay: number): void {
    let bucket = 0
    while (bucket < BOUNDS.length && delay > BOUNDS[bucket]!) bucket++ // within the array
    this.counts[bucket]!++ // likewise
    this.#sum += delay
  }
}

function intervalAfter (idle: number): number {
  if (idle === 0) return INTERVAL
  return idle < LONG_IDLE ? IDLE_INTERVAL : LONG_IDLE_INTERVAL
}
