import { received } from '../errors.js'

/** How much of a value an error message shows. */
const MAX_SHOWN = 256

/** A value from outside for an error message. Of an object nothing is read, since that could throw or take long. */
export function shown (value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return received(typeof value === 'string' ? value.slice(0, MAX_SHOWN) : value).slice(0, MAX_SHOWN)
}
