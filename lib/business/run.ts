/** Runs `fn`, says once whether it failed when it has returned, thrown or settled, and gives back what it gives. */
export function run<T> (fn: () => T, ended: (failed: boolean) => void): T {
  let result: T
  try {
    result = fn()
  } catch (err) {
    ended(true)
    throw err
  }
  if (!isThenable(result)) {
    ended(false)
    return result
  }
  // The derived promise is what the caller gets: a handler on the side would mark the caller's rejection as handled.
  return result.then(
    value => { ended(false); return value },
    err => { ended(true); throw err }
  ) as T
}

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
