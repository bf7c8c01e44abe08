import { types } from 'node:util'
import type { RegistryMetric } from '../types.js'
import { unref } from '../unref.js'

/** What a metric has given, in an object of its own: a promise for it would call its `then`, if it has one. */
export interface Given {
  readonly value: unknown
}

/** How a metric is asked. */
export interface Question {
  readonly metric: RegistryMetric
  /** In milliseconds. */
  readonly timeout: number
  /** The error after that time. */
  readonly timedOut: () => Error
  /** Called when the metric answers or fails, also after that time. */
  readonly onAnswer: () => void
}

/**
 * Asks a metric for its samples. The promise settles after the time-out at the latest and then lets go of everybody who
 * waits for it, so that a metric that never answers keeps nothing but itself in memory.
 */
export async function ask ({ metric, timeout, timedOut, onAnswer }: Question): Promise<Given> {
  return await new Promise<Given>((resolve, reject) => {
    const timer = setTimeout(() => { reject(timedOut()) }, timeout)
    // Perhaps nobody waits any more. Who does keeps the process alive.
    unref(timer)
    const answer = (value: unknown): void => {
      clearTimeout(timer)
      resolve({ value })
      onAnswer()
    }
    const fail = (err: unknown): void => {
      clearTimeout(timer)
      reject(err)
      onAnswer()
    }
    try {
      follow(metric.get(), answer, fail)
    } catch (err) {
      fail(err)
    }
  })
}

/** Calls `then` once, with `await` a thenable that gives thenables could go on for ever, and hold the event loop. */
function follow (given: unknown, answer: (value: unknown) => void, fail: (err: unknown) => void): void {
  const then: unknown = isThenable(given) ? given.then : undefined
  if (typeof then !== 'function') {
    answer(given)
    return
  }
  const derived: unknown = Reflect.apply(then, given, [answer, fail])
  // A `then` that is an async function fails by a rejection, which nobody else would handle.
  if (types.isPromise(derived)) Promise.prototype.then.call(derived, undefined, fail)
}

function isThenable (value: unknown): value is { readonly then?: unknown } {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
