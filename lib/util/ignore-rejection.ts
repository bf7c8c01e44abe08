import { types } from 'node:util'
import { callThen, thenOf } from './thenable.js'
import type { Then } from './thenable.js'

const ignore = (): void => {}

/**
 * Takes the rejection of what a callback returned where no promise was asked for: unhandled, it would end the process.
 * It takes any value, and never throws.
 */
export function ignoreRejection (value: unknown): void {
  try {
    // By the method of the language: that of a subclass may do anything.
    const then = types.isPromise(value) ? Promise.prototype.then as Then : thenOf(value)
    if (then !== undefined) callThen(then, value, { resolve: ignore, reject: ignore, fail: ignore })
  } catch {
    // A `then` that cannot be read or called rejects nothing.
  }
}
