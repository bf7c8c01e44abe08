import { fitsLabel, MAX_LABEL_LENGTH } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { isLabelName } from '../util/names.js'
import type { Reject } from '../util/reject.js'

/** The listed values of each label. */
type LabelLists = Readonly<Record<string, readonly string[]>>

const TOO_LONG = `of more than ${MAX_LABEL_LENGTH} characters`
const INVALID_LABEL = 'has an invalid or reserved label; ' +
  "a label has letters, digits and '_', begins with neither a digit nor '__', and is not 'le'"

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

/** Checks that label names are valid, and that each label lists distinct strings. */
export function checkLabelLists (labels: unknown, reject: Reject): void {
  if (!isObject(labels)) throw reject('must have an object of labels', labels)
  for (const [label, values] of Object.entries(labels)) {
    if (!isLabelName(label)) throw reject(INVALID_LABEL, label)
    if (!isStrings(values)) throw reject(`must list the values of the label '${label}' as strings`, values)
    const longValue = values.find(value => !fitsLabel(value))
    if (longValue !== undefined) throw reject(`lists a value of the label '${label}' ${TOO_LONG}`, longValue)
    if (new Set(values).size !== values.length) throw reject(`lists a value of the label '${label}' twice`, values)
  }
}

/** Checks that each default belongs to a label that accepts it. */
export function checkDefaults (defaults: unknown, labels: LabelLists, reject: Reject): void {
  if (!isObject(defaults)) throw reject('must have an object of defaults', defaults)
  for (const [label, value] of Object.entries(defaults)) {
    const values = Object.hasOwn(labels, label) ? labels[label] : undefined
    if (values === undefined) throw reject('has a default for a label that it does not have', label)
    if (typeof value !== 'string') throw reject(`must have a string as the default of the label '${label}'`, value)
    if (!fitsLabel(value)) throw reject(`has a default of the label '${label}' ${TOO_LONG}`, value)
    if (values.length > 0 && !values.includes(value)) {
      throw reject(`has a default of the label '${label}' that is not one of its values`, value)
    }
  }
}
