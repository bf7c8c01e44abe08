import { types } from 'node:util'
import { callThen, thenOf } from './thenable.js'
import type { Then } from './thenable.js'

const ignore = (): void => {}

/**
 * Handles the rejection of a promise that a callback returned although no promise is expected. Unhandled, the rejection
 * would end the process. Accepts any value, and never throws.
 */
export function ignoreRejection (value: unknown): void {
  try {
    // The built-in `then`: a subclass may override it with any code.
    const then = types.isPromise(value) ? Promise.prototype.then as Then : thenOf(value)
    if (then !== undefined) callThen(then, value, { resolve: ignore, reject: ignore, fail: ignore })
  } catch {
    // A value whose `then` cannot be read or called has no rejection.
  }
}
