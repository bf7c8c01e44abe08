import { callThen, thenOf } from '../util/thenable.js'
import type { Then } from '../util/thenable.js'

/** What became of a function: an error is what it has thrown or rejected with. */
export type Outcome = 'success' | 'error'

/** Runs `fn`, says once what became of it when it has returned, thrown or settled, and gives back what it gives. */
export function run<T> (fn: () => T, ended: (outcome: Outcome) => void): T {
  let result: T
  try {
    result = fn()
  } catch (err) {
    ended('error')
    throw err
  }
  const then = readThen(result)
  if (then === undefined) {
    ended('success')
    return result
  }
  // Adopted, since a `then` that is not the language's may throw, call back twice or return nothing. The derived
  // promise is what the caller gets: a handler on the side would mark the caller's rejection as handled.
  const adopted = new Promise<Awaited<T>>((resolve, reject) => {
    callThen(then, result, { resolve, reject, fail: reject })
  })
  return adopted.then(
    value => { ended('success'); return value },
    err => { ended('error'); throw err }
  ) as T
}

function readThen (value: unknown): Then | undefined {
  try {
    return thenOf(value)
  } catch {
    // Whoever waits for the value reads it again, and gets the error there.
    return undefined
  }
}
