import { isBuckets } from './buckets.js'
import { errors, received } from './errors.js'
import { isObject } from './is-object.js'
import { isLabelName } from './names.js'
import { didYouMean } from './suggest.js'

/** What an option must be; of a secret no error shows what was received. */
export type Rule = readonly [expected: string, accepts: (value: unknown) => boolean, secrecy?: 'secret']

/** Rules by the name of an option. */
export type Rules<Name extends string = string> = Readonly<Record<Name, Rule>>

/** The rules of an object of options. */
export interface Level {
  /** What stands before its names, with its dot; nothing for those of the plugin. */
  readonly parent: string
  readonly rules: Rules
}

/** What a path must be, for an error message. */
export const PATH = "a path that begins with '/' and has no space, '?', '#', ':' or '*'"

/** Whether a value is the path of one route, without parameters. */
export function isPath (value: unknown): value is string {
  return typeof value === 'string' && /^\/[^\s?#:*]*$/.test(value)
}

/** A whole number in bounds, in the `unit` that is given. */
export function whole (from: number, to = Number.MAX_SAFE_INTEGER, unit = ''): Rule {
  const bounds = to === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${from}` : `a whole number from ${from} to ${to}`
  return [unit === '' ? bounds : `${bounds}, in ${unit}`, value => Number.isInteger(value) && Number(value) >= from && Number(value) <= to]
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
export const buckets: Rule = ['an array of ascending numbers from 0 on, in seconds, not empty', isBuckets]

/** The same rule with a hint behind what is expected. */
export const hinted = ([expected, ...rest]: Rule, hint: string): Rule => [`${expected}; ${hint}`, ...rest]

/** The same rule for a secret. */
export const secret = ([expected, accepts]: Rule): Rule => [expected, accepts, 'secret']

/** What an error shows of a value that is or may be a secret. */
export function hidden (value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (value === '') return 'an empty string'
  if (typeof value === 'string') return `a string of ${value.length} characters, not shown`
  const type = Array.isArray(value) ? 'array' : typeof value
  return `${/^[ao]/.test(type) ? 'an' : 'a'} ${type}, not shown`
}

/**
 * Checks the options of a level by their rules; `undefined` is left out. `known` are the full names of all options, of
 * which an error proposes one for a name that is misspelt or stands at another place.
 * @throws DYNOAI_METRICS_ERR_OPTION for a value that its rule does not accept, DYNOAI_METRICS_ERR_UNKNOWN_OPTION for a name without a rule
 */
export function check (options: object, { parent, rules }: Level, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    // A secret may stand under a name that is misspelt, or in the wrong object.
    if (rule === undefined) {
      const names = `${didYouMean(parent + name, known)}, known are ${Object.keys(rules).join(', ')}`
      throw new errors.ERR_UNKNOWN_OPTION(parent + name, names, hidden(value))
    }
    const [expected, accepts, secrecy] = rule
    if (value !== undefined && !accepts(value)) throw new errors.ERR_OPTION(parent + name, expected, (secrecy ? hidden : received)(value))
  }
}

/** The full names of the options of levels. */
export function namesOf (levels: readonly Level[]): string[] {
  return levels.flatMap(({ parent, rules }) => Object.keys(rules).map(name => parent + name))
}
