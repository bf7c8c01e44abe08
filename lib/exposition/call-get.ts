import type { RegistryMetric } from '../types/index.js'
import { callThen, thenOf } from '../util/thenable.js'
import { unref } from '../util/unref.js'

/** The result of a metric's `get()`, wrapped: a promise that resolved to it directly would call its `then`, if any. */
export interface GetResult {
  readonly value: unknown
}

/** A call of a metric's `get()`. */
export interface GetCall {
  readonly metric: RegistryMetric
  /** In milliseconds. */
  readonly timeout: number
  /** Creates the error for a call that exceeds the timeout. */
  readonly timedOut: () => Error
  /** Called when the metric resolves or fails, even after the timeout. */
  readonly onSettled: () => void
}

/**
 * Calls a metric's `get()`. The promise settles after the timeout at the latest and then releases its waiters: a metric
 * that never resolves keeps nothing but itself in memory.
 */
export async function callGet ({ metric, timeout, timedOut, onSettled }: GetCall): Promise<GetResult> {
  return await new Promise<GetResult>((resolve, reject) => {
    const timer = setTimeout(() => { reject(timedOut()) }, timeout)
    // There may be no waiter any more. A waiter keeps the process running by itself.
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
