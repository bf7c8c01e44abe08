import { types } from 'node:util'

/** The method `then` of a thenable. */
export type Then = (...args: unknown[]) => unknown

/** Reads the method `then` of a value once; `undefined` if it has none. Throws an error that reading it throws. */
export function thenOf (value: unknown): Then | undefined {
  const canHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const then: unknown = canHaveThen ? (value as { readonly then?: unknown }).then : undefined
  return typeof then === 'function' ? then as Then : undefined
}

/** The callbacks of a thenable. */
export interface Callbacks {
  readonly resolve: (value: never) => void
  readonly reject: (err: unknown) => void
  /** Called when `then` is an async function whose own promise rejects: this rejection is handled nowhere else. */
  readonly fail: (err: unknown) => void
}

/**
 * Calls `then` once. `await` would call the `then` of each further thenable that the first resolves with: it may never
 * end, and block the event loop. Throws an error that `then` throws.
 */
export function callThen (then: Then, value: unknown, { resolve, reject, fail }: Callbacks): void {
  const result: unknown = Reflect.apply(then, value, [resolve, reject])
  // The built-in `then`: a subclass may override it with any code.
  if (types.isPromise(result)) Reflect.apply(Promise.prototype.then as Then, result, [undefined, fail])
}
