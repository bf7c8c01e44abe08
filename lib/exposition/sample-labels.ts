import { errors, received } from '../errors.js'
import { isObject } from '../util/is-object.js'
import type { Reject } from '../util/reject.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** Characters of the labels of a sample, names and values together. */
const MAX_LABELS = 2 ** 20
/** Characters of the value of a default label, which stands on every sample. */
const MAX_DEFAULT_LABEL = 256

const TOO_LONG = `the value has more than ${MAX_DEFAULT_LABEL} characters`

// Wider than what this package lets an application declare: these are what Prometheus accepts.
// Less the one that would be the name of the sample.
const LABEL_NAME = /^(?!__name__$)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Types of values that stay as they are: their text is short and always the same. */
const SHORT_TYPES: readonly string[] = ['number', 'boolean', 'undefined']

/** The labels of bounds, which would stand twice on a bucket or a quantile. */
const BOUND_LABEL_NAMES: readonly string[] = ['le', 'quantile']

/**
 * A copy of labels, each of which is read once: what is checked is what is written. Objects among the values are
 * replaced by their text. Names in `known` are not checked again.
 */
export function copySampleLabels (given: unknown, checkedNames: Set<string>, reject: Reject): UncheckedLabels {
  // What can be iterated, as a Map or an array, has its labels elsewhere than in properties, if it has any.
  if (!isObject(given) || Symbol.iterator in given) throw reject('a sample has labels that are not valid', given)
  const labels: Record<string, unknown> = { ...given }
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

/** The default labels of a registry that a sample can have; `onError` hears of each other. */
export function readDefaultLabels (given: UncheckedLabels, onError: (err: unknown) => void): UncheckedLabels {
  const labels: Array<readonly [name: string, value: unknown]> = []
  for (const name of Object.keys(given)) {
    try {
      const copied = copySampleLabels({ [name]: given[name] }, new Set(), reject)
      if (BOUND_LABEL_NAMES.includes(name)) throw reject('the name is that of a bound', name)
      if (textLength(copied[name]) > MAX_DEFAULT_LABEL) throw reject(TOO_LONG, name)
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
