import { types } from 'node:util'

/** The longest value of a label, in UTF-16 units. */
export const MAX_LABEL_LENGTH = 256

/** Labels by name, whose names and values are not checked. */
export type UncheckedLabels = Readonly<Record<string, unknown>>

/** What the labels of an overflow series say. */
export const OVERFLOW = '__overflow__'

/** The largest number of bytes whose text, as UTF-8, can be short enough. */
const MAX_BYTES = 3 * MAX_LABEL_LENGTH
const MAX_BIGINT = 10n ** BigInt(MAX_LABEL_LENGTH)
/** How deep arrays may lie within arrays, which adds nothing to their text. */
const MAX_DEPTH = 16

/** Whether a text can be the value of a label. */
export function fitsLabel (text: string): boolean {
  return text.length <= MAX_LABEL_LENGTH
}

/**
 * A value, if it is a string, as UTF-8 can hold it: half a surrogate pair becomes U+FFFD. Texts that are one on the
 * page are then one in JavaScript too.
 */
export function toWellFormed (value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value
}

/**
 * A free value as the text of a label, as `String()` gives it, in the form that UTF-8 can hold; `null` for one that is
 * too long. That is known before a text is made of it: to join an array takes time and memory by what is in it, and a
 * bigint takes quadratic time.
 * @throws what the value's own `toString` throws
 */
export function toLabelValue (given: unknown): string | null {
  const value: unknown = types.isBigIntObject(given) ? BigInt.prototype.valueOf.call(given) : given
  if (typeof value === 'bigint' && (value >= MAX_BIGINT || value <= -MAX_BIGINT)) return null
  if (Array.isArray(value)) return joinItems(value, MAX_LABEL_LENGTH, MAX_DEPTH)
  if (types.isTypedArray(value) && value.byteLength > MAX_BYTES * value.BYTES_PER_ELEMENT) return null
  const text = String(value)
  return fitsLabel(text) ? text.toWellFormed() : null
}

/** The items of an array as `join` puts them together; `null` when they take more than `room`. */
function joinItems (items: readonly unknown[], room: number, depth: number): string | null {
  if (depth === 0 || items.length > room + 1) return null
  const texts: string[] = []
  let left = room - Math.max(items.length - 1, 0)
  for (let i = 0; i < items.length; i++) {
    const item: unknown = items[i]
    const text = Array.isArray(item) ? joinItems(item, left, depth - 1) : toLabelValue(item ?? '')
    if (text === null || text.length > left) return null
    left -= text.length
    texts.push(text)
  }
  return texts.join()
}

/**
 * A copy that holds nothing but the text: a string that was cut from a longer one keeps all of that one in memory for
 * as long as it is kept itself.
 */
export function detach (text: string): string {
  // Half the memory where it is enough.
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
}
