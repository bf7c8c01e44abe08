import { types } from 'node:util'

const ignore = (): void => {}

/**
 * Takes the rejection of what a callback returned where no promise was asked for: unhandled, it would end the process.
 * It takes any value, and never throws.
 */
export function ignoreRejection (value: unknown): void {
  try {
    // A thenable of another make is called as `await` would: the promise that may reject is within it.
    const promise: unknown = types.isPromise(value) ? value : callThen(value)
    // By the method of the language: that of a subclass may do anything.
    if (types.isPromise(promise)) Promise.prototype.then.call(promise, ignore, ignore)
  } catch {
    // A `then` that cannot be read or called rejects nothing.
  }
}

/** What `then` returns, which may be a promise that rejects by itself. */
function callThen (value: unknown): unknown {
  const then: unknown = (value as { readonly then?: unknown } | null | undefined)?.then
  return typeof then === 'function' ? Reflect.apply(then, value, [ignore, ignore]) : undefined
}
