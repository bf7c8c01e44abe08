import { types } from 'node:util'
import { ignoreRejection } from '../ignore-rejection.js'

/** Runs `fn`, says once whether it failed when it has returned, thrown or settled, and gives back what it gives. */
export function run<T> (fn: () => T, ended: (failed: boolean) => void): T {
  let result: T
  try {
    result = fn()
  } catch (err) {
    ended(true)
    throw err
  }
  const then = thenOf(result)
  if (then === undefined) {
    ended(false)
    return result
  }
  // Adopted, since a `then` that is not the language's may throw, call back twice or return nothing. The derived
  // promise is what the caller gets: a handler on the side would mark the caller's rejection as handled.
  const adopted = new Promise<Awaited<T>>((resolve, reject) => {
    const returned = Reflect.apply(then, result, [resolve, reject])
    // An async `then` may reject by itself, which nobody asked for.
    if (types.isPromise(returned)) ignoreRejection(returned)
  })
  return adopted.then(
    value => { ended(false); return value },
    err => { ended(true); throw err }
  ) as T
}

/** The method `then` of a value, read once; `undefined` where there is none, and where it cannot be read. */
function thenOf (value: unknown): ((...args: unknown[]) => unknown) | undefined {
  try {
    const then: unknown = (value as { readonly then?: unknown } | null | undefined)?.then
    return typeof then === 'function' ? then as (...args: unknown[]) => unknown : undefined
  } catch {
    // Whoever waits for the value reads it again, and gets the error there.
    return undefined
  }
}
