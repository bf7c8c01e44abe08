import { isBuckets } from './buckets.js'
import { errors, received } from './errors.js'
import { isObject } from './is-object.js'
import { isLabelName } from './names.js'

/** What an option must be; of a secret no error shows what was received. */
export type Rule = readonly [expected: string, accepts: (value: unknown) => boolean, secrecy?: 'secret']

/** Rules by the name of an option. */
export type Rules<Name extends string = string> = Readonly<Record<Name, Rule>>

/** What a path must be, for an error message. */
export const PATH = "a path that begins with '/' and has no space, '?', '#', ':' or '*'"

/** Whether a value is the path of one route, without parameters. */
export function isPath (value: unknown): value is string {
  return typeof value === 'string' && /^\/[^\s?#:*]*$/.test(value)
}

/** A whole number in bounds. */
export function whole (from: number, to = Number.MAX_SAFE_INTEGER): Rule {
  const expected = to === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${from}` : `a whole number from ${from} to ${to}`
  return [expected, value => Number.isInteger(value) && Number(value) >= from && Number(value) <= to]
}

export const boolean: Rule = ['true or false', value => typeof value === 'boolean']
export const object: Rule = ['an object', isObject]
export const falseOrObject: Rule = ['false or an object', value => value === false || isObject(value)]
export const string: Rule = ['a string', value => typeof value === 'string']
export const filledString: Rule = ['a string that is not empty', value => typeof value === 'string' && value !== '']
export const path: Rule = [PATH, isPath]
export const labels: Rule = [
  "an object of strings under valid label names, not 'le' or '__…'",
  value => isObject(value) && Object.entries(value).every(([name, text]) => isLabelName(name) && typeof text === 'string')
]
export const buckets: Rule = ['an array of ascending numbers from 0 on, not empty', isBuckets]

/** The same rule for a secret. */
export const secret = ([expected, accepts]: Rule): Rule => [expected, accepts, 'secret']

/** What an error shows of a value that is or may be a secret. */
export function hidden (value: unknown): string {
  return typeof value === 'string' ? `a string of ${value.length} characters, not shown` : `${value === null ? 'null' : `a ${typeof value}`}, not shown`
}

/**
 * Checks options by their rules; `undefined` is left out.
 * @throws DYNOAI_METRICS_ERR_OPTION for a value that its rule does not accept, DYNOAI_METRICS_ERR_UNKNOWN_OPTION for a name without a rule
 */
export function check (options: object, rules: Rules, parent = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    // A secret may stand under a name that is misspelt, or in the wrong object.
    if (rule === undefined) throw new errors.ERR_UNKNOWN_OPTION(parent + name, Object.keys(rules).join(', '), hidden(value))
    const [expected, accepts, secrecy] = rule
    if (value !== undefined && !accepts(value)) throw new errors.ERR_OPTION(parent + name, expected, (secrecy ? hidden : received)(value))
  }
}
