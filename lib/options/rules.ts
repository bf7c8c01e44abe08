import { isBuckets } from '../series/buckets.js'
import { fitsLabel, MAX_LABEL_LENGTH } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { isLabelName } from '../util/names.js'

/**
 * The rule of an option: a text for error messages, a check, and kinds. Errors do not show the value of a `secret`. An
 * object of `options` or `labels` is copied before it is checked; other objects are used as they are.
 */
export type Rule = readonly [
  expected: string, accepts: (value: unknown) => boolean, ...kinds: ReadonlyArray<'secret' | 'options' | 'labels'>
]

/** Rules by option name. */
export type Rules<Name extends string = string> = Readonly<Record<Name, Rule>>

/** The rule of a path, as a text for error messages. */
export const PATH = "a path that begins with '/' and has no space, '?', '#', ':' or '*'"

/** Whether a value is the path of one route, without parameters. */
export function isPath (value: unknown): value is string {
  return typeof value === 'string' && /^\/[^\s?#:*]*$/.test(value)
}

/** The rule of an integer between two bounds, which are allowed, in a unit. */
export function integer (from: number, to = Number.MAX_SAFE_INTEGER, unit = ''): Rule {
  const bounds = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`
  return [
    `a whole number ${bounds}${unit === '' ? '' : `, in ${unit}`}`,
    value => Number.isInteger(value) && Number(value) >= from && Number(value) <= to
  ]
}

export const boolean: Rule = ['true or false', value => typeof value === 'boolean']
export const object: Rule = ['an object', isObject]
export const options: Rule = ['an object', isObject, 'options']
export const falseOrOptions: Rule = ['false or an object', value => value === false || isObject(value), 'options']
export const string: Rule = ['a string', value => typeof value === 'string']
export const nonEmptyString: Rule = ['a string that is not empty', value => typeof value === 'string' && value !== '']
export const path: Rule = [PATH, isPath]
export const labels: Rule = [
  `an object of strings of at most ${MAX_LABEL_LENGTH} characters under valid label names, not 'le' or '__…'`,
  value => isObject(value) && Object.entries(value).every(([name, labelValue]) =>
    isLabelName(name) && typeof labelValue === 'string' && fitsLabel(labelValue)),
  'labels'
]
export const buckets: Rule = ['an array of ascending numbers of at least 0, in seconds, not empty', isBuckets]

/** Adds a hint to the text of a rule. */
export const withHint = ([expected, ...rest]: Rule, hint: string): Rule => [`${expected}; ${hint}`, ...rest]

/** Makes a rule that of a secret. */
export const secret = (rule: Rule): Rule => [...rule, 'secret']

/** Describes a value that is or may be a secret, without showing it. */
export function redacted (value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (value === '') return 'an empty string'
  if (typeof value === 'string') {
    return `a string of ${value.length} ${value.length === 1 ? 'character' : 'characters'}, not shown`
  }
  const type = Array.isArray(value) ? 'array' : typeof value
  return `${/^[ao]/.test(type) ? 'an' : 'a'} ${type}, not shown`
}
