import { types } from 'node:util'

/** The longest label value, in UTF-16 units. */
export const MAX_LABEL_LENGTH = 256

/** Labels by name; neither the names nor the values were checked. */
export type UncheckedLabels = Readonly<Record<string, unknown>>

/** The value of every label of an overflow series. */
export const OVERFLOW = '__overflow__'

/** The most bytes that a label value can have in UTF-8: 3 for each UTF-16 unit. */
const MAX_BYTES = 3 * MAX_LABEL_LENGTH
const MAX_BIGINT = 10n ** BigInt(MAX_LABEL_LENGTH)
/** The most levels of nested arrays. Nesting adds no text, so the limit of the length does not limit it. */
const MAX_DEPTH = 16

/** Whether a string is short enough for a label value. */
export function fitsLabel (text: string): boolean {
  return text.length <= MAX_LABEL_LENGTH
}

/**
 * Makes a string representable in UTF-8: a lone surrogate becomes U+FFFD. So strings that are equal in the exposition
 * are also equal in JavaScript. Values of other types are returned as they are.
 */
export function toWellFormed (value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value
}

/**
 * Converts a value to a well-formed label value, as `String()` does; `null` if it is too long. Long values are rejected
 * before they are converted: the time and memory to join an array depend on its content, and a bigint takes quadratic
 * time.
 * @throws any error that the value's `toString` throws
 */
export function toLabelValue (input: unknown): string | null {
  const value: unknown = types.isBigIntObject(input) ? BigInt.prototype.valueOf.call(input) : input
  if (typeof value === 'bigint' && (value >= MAX_BIGINT || value <= -MAX_BIGINT)) return null
  if (Array.isArray(value)) return joinItems(value, MAX_LABEL_LENGTH, MAX_DEPTH)
  if (types.isTypedArray(value) && value.byteLength > MAX_BYTES * value.BYTES_PER_ELEMENT) return null
  const text = String(value)
  return fitsLabel(text) ? text.toWellFormed() : null
}

/** Joins the items of an array as its `join` method does; `null` if the result would exceed `maxLength`. */
function joinItems (items: readonly unknown[], maxLength: number, depth: number): string | null {
  if (depth === 0 || items.length > maxLength + 1) return null
  const texts: string[] = []
  let remaining = maxLength - Math.max(items.length - 1, 0)
  for (let i = 0; i < items.length; i++) {
    const item: unknown = items[i]
    const text = Array.isArray(item) ? joinItems(item, remaining, depth - 1) : toLabelValue(item ?? '')
    if (text === null || text.length > remaining) return null
    remaining -= text.length
    texts.push(text)
  }
  return texts.join()
}

/**
 * Copies a string into memory that it shares with no other string: V8 keeps a longer string in memory for as long as a
 * part that was cut from it.
 */
export function detach (text: string): string {
  // latin1 takes half the memory, where it can represent the string.
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
}
