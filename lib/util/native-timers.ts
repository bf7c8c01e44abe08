import { performance } from 'node:perf_hooks'
import { setImmediate as callInNextTurn } from 'node:timers'
import { setImmediate as waitForNextTurn } from 'node:timers/promises'

// Read when this module is loaded, since an application's tests may replace timers and clocks later.

/** Returns the time in milliseconds. It is the real time even if the global clock is a fake. */
export const now = performance.now.bind(performance)

/** Calls a function in the next turn of the event loop. */
export const onNextTurn = callInNextTurn

/** Waits for the next turn of the event loop. */
export const nextTurn = waitForNextTurn
