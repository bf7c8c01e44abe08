import { callThen, thenOf } from '../util/thenable.js'
import type { Then } from '../util/thenable.js'

/** The outcome of a function: `error` if it threw or its promise rejected. */
export type Outcome = 'success' | 'error'

/** Runs `fn`, calls `onEnd` once when it has returned, thrown or settled, and returns its result. */
export function run<T> (fn: () => T, onEnd: (outcome: Outcome) => void): T {
  let result: T
  try {
    result = fn()
  } catch (err) {
    onEnd('error')
    throw err
  }
  const then = readThen(result)
  if (then === undefined) {
    onEnd('success')
    return result
  }
  // A promise adopts the result, since the `then` of a third-party thenable may throw, call back twice or return
  // nothing. The caller gets the derived promise: with a promise that has another handler, a rejection would count as
  // handled even if the caller does not handle it.
  const adopted = new Promise<Awaited<T>>((resolve, reject) => {
    callThen(then, result, { resolve, reject, fail: reject })
  })
  return adopted.then(
    value => { onEnd('success'); return value },
    err => { onEnd('error'); throw err }
  ) as T
}

function readThen (value: unknown): Then | undefined {
  try {
    return thenOf(value)
  } catch {
    // `await` of the result reads `then` again, and throws the error to the caller.
    return undefined
  }
}
