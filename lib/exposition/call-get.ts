import type { RegistryMetric } from '../types/index.js'
import { callThen, thenOf } from '../util/thenable.js'
import { unref } from '../util/unref.js'

/** What a metric has given, in an object of its own: a promise for it would call its `then`, if it has one. */
export interface GetResult {
  readonly value: unknown
}

/** How a metric is asked. */
export interface GetCall {
  readonly metric: RegistryMetric
  /** In milliseconds. */
  readonly timeout: number
  /** The error after that time. */
  readonly timedOut: () => Error
  /** Called when the metric answers or fails, also after that time. */
  readonly onSettled: () => void
}

/**
 * Asks a metric for its samples. The promise settles after the time-out at the latest and then lets go of everybody who
 * waits for it, so that a metric that never answers keeps nothing but itself in memory.
 */
export async function callGet ({ metric, timeout, timedOut, onSettled }: GetCall): Promise<GetResult> {
  return await new Promise<GetResult>((resolve, reject) => {
    const timer = setTimeout(() => { reject(timedOut()) }, timeout)
    // Perhaps nobody waits any more. Who does keeps the process alive.
    unref(timer)
    const succeed = (value: unknown): void => {
      clearTimeout(timer)
      resolve({ value })
      onSettled()
    }
    const fail = (err: unknown): void => {
      clearTimeout(timer)
      reject(err)
      onSettled()
    }
    try {
      const result = metric.get()
      const then = thenOf(result)
      if (then === undefined) succeed(result)
      else callThen(then, result, { resolve: succeed, reject: fail, fail })
    } catch (err) {
      fail(err)
    }
  })
}
