import { types } from 'node:util'

/** The method `then` of a thenable. */
export type Then = (...args: unknown[]) => unknown

/** The method `then` of a value, read once; `undefined` where there is none. It throws what reading it throws. */
export function thenOf (value: unknown): Then | undefined {
  const mayHave = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const then: unknown = mayHave ? (value as { readonly then?: unknown }).then : undefined
  return typeof then === 'function' ? then as Then : undefined
}

/** What is called when a thenable settles. */
export interface Callbacks {
  readonly resolve: (value: never) => void
  readonly reject: (err: unknown) => void
  /** Called when `then` is an async function that rejects by itself, which nobody else would handle. */
  readonly fail: (err: unknown) => void
}

/**
 * Calls `then` once, as `await` does; with `await`, a thenable that gives thenables could go on for ever, and hold the
 * event loop. It throws what `then` throws.
 */
export function callThen (then: Then, value: unknown, { resolve, reject, fail }: Callbacks): void {
  const derived: unknown = Reflect.apply(then, value, [resolve, reject])
  // By the method of the language: that of a subclass may do anything.
  if (types.isPromise(derived)) Reflect.apply(Promise.prototype.then as Then, derived, [undefined, fail])
}
