import { performance } from 'node:perf_hooks'
import { clearInterval, setImmediate as callInNextTurn, setInterval } from 'node:timers'
import { setImmediate as waitForNextTurn } from 'node:timers/promises'

// Read when this module is loaded, since an application's tests may replace timers and clocks later.

/** Returns the time in milliseconds. It is the real time even if the global clock is a fake. */
export const now = performance.now.bind(performance)

/** Calls a function in the next turn of the event loop. */
export const onNextTurn = callInNextTurn

/** Calls a function in each interval, in milliseconds. The timer does not keep the process running. */
export function repeat (callback: () => void, interval: number): NodeJS.Timeout {
  return setInterval(callback, interval).unref()
}

/** Ends a timer of `repeat`. */
export const stopRepeating: (timer: NodeJS.Timeout) => void = clearInterval

/** Waits for the next turn of the event loop. */
export const nextTurn = waitForNextTurn
