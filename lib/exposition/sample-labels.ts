import { errors, received } from '../errors.js'
import { MAX_LABEL_LENGTH } from '../series/label-value.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import type { Reject } from '../util/reject.js'
import { BOUND_LABELS } from './rows.js'

/** Characters of the labels of a sample, names and values together. */
const MAX_LABELS = 2 ** 20

const TOO_LONG = `the value has more than ${MAX_LABEL_LENGTH} characters`

// The names that Prometheus accepts, which are more than an application may declare. `__name__` is excluded: it would
// be the name of the sample.
const LABEL_NAME = /^(?!__name__$)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Types of values that are copied as they are: their text is short and never changes. */
const SHORT_TYPES: readonly string[] = ['number', 'boolean', 'undefined']

/** The labels of bounds. As default labels they would appear twice on a bucket or a quantile. */
const BOUND_LABEL_NAMES = [...BOUND_LABELS.values()]

/**
 * Copies labels. Each label is read once, so the value that is checked is the value that is written. Objects among the
 * values are replaced by their text. Names in `checkedNames` are not checked again.
 */
export function copySampleLabels (source: unknown, checkedNames: Set<string>, reject: Reject): UncheckedLabels {
  // An iterable, such as a Map or an array, has no labels in its properties.
  if (!isObject(source) || Symbol.iterator in source) throw reject('a sample has labels that are not valid', source)
  const labels: Record<string, unknown> = { ...source }
  let length = 0
  for (const name of Object.keys(labels)) {
    if (!checkedNames.has(name)) {
      if (!LABEL_NAME.test(name)) throw reject('a sample has labels that are not valid', name)
      checkedNames.add(name)
    }
    const value = labels[name]
    if (!SHORT_TYPES.includes(typeof value)) labels[name] = String(value)
    length += name.length + textLength(labels[name])
    if (length > MAX_LABELS) throw reject(`a sample has labels of more than ${MAX_LABELS} characters`, name)
  }
  return labels
}

/** Copies the valid default labels of a registry. `onError` is called for each of the others. */
export function readDefaultLabels (source: UncheckedLabels, onError: (err: unknown) => void): UncheckedLabels {
  const labels: Array<readonly [name: string, value: unknown]> = []
  for (const name of Object.keys(source)) {
    try {
      const copied = copySampleLabels({ [name]: source[name] }, new Set(), reject)
      if (BOUND_LABEL_NAMES.includes(name)) throw reject('the name is reserved for bounds', name)
      if (textLength(copied[name]) > MAX_LABEL_LENGTH) throw reject(TOO_LONG, name)
      labels.push([name, copied[name]])
    } catch (err) {
      onError(err)
    }
  }
  return Object.fromEntries(labels)
}

const reject: Reject = (problem, value) => new errors.ERR_COLLECT('default labels', problem, received(value))

function textLength (value: unknown): number {
  return typeof value === 'string' ? value.length : 0
}
