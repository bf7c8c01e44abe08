import { errors, received } from '../errors.js'
import { toWellFormed } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { readProperties } from '../util/read-properties.js'
import { didYouMean } from '../util/suggest.js'
import { redacted } from './rules.js'
import type { Rule, Rules } from './rules.js'

/** The rules of the options at one level. `parent` is the prefix of their full names, such as `endpoint.`. */
export type Level = readonly [parent: string, rules: Rules]

/** Makes variants of a name equal: `bearer-token`, `BearerToken`. */
const normalizeName = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')

/** Checks the options of one level, and recognises an option at the wrong level. */
export class OptionChecker {
  readonly #levels: ReadonlyMap<string, Rules>
  readonly #credentials: readonly string[]
  /** The full names of all options. */
  readonly #names: readonly string[]
  /** Full names by normalised name: an option can exist at several levels. */
  readonly #fullNames = new Map<string, string[]>()

  /** `credentials` are full names of options that give access to the endpoint. Labels must not have these names. */
  constructor (levels: readonly Level[], credentials: readonly string[]) {
    this.#levels = new Map(levels)
    this.#credentials = credentials.map(name => normalizeName(name.slice(name.lastIndexOf('.'))))
    for (const [parent, rules] of levels) {
      for (const name of Object.keys(rules)) {
        const others = this.#fullNames.get(normalizeName(name)) ?? []
        this.#fullNames.set(normalizeName(name), [...others, parent + name])
      }
    }
    this.#names = [...this.#fullNames.values()].flat()
  }

  /**
   * Reads the options of one level, each once, and checks them. An option that is `undefined` counts as left out.
   * @throws DYNOAI_METRICS_ERR_OPTION for a value that its rule does not accept
   * @throws DYNOAI_METRICS_ERR_UNKNOWN_OPTION for a name without a rule
   */
  check (options: object, parent = ''): Record<string, unknown> {
    const rules = this.#levels.get(parent) ?? {}
    const checked = readProperties(options)
    for (const [name, value] of Object.entries(checked)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
      if (rule === undefined) throw this.#unknownOption(parent, name, value)
      checked[name] = this.#checkOption(parent + name, rule, value)
    }
    return checked
  }

  /**
   * Rejects options of this package among those of another, whose names are unknown. `shared` names belong to both.
   * @throws DYNOAI_METRICS_ERR_UNKNOWN_OPTION
   */
  rejectPluginOptions (options: Readonly<Record<string, unknown>>, parent: string, shared: readonly string[]): void {
    const isMisplaced = (name: string): boolean => !shared.includes(name) && this.#fullNames.has(normalizeName(name))
    const name = Object.keys(options).find(isMisplaced)
    if (name !== undefined) throw this.#unknownOption(parent, name, options[name])
  }

  #checkOption (name: string, [expected, accepts, ...kinds]: Rule, value: unknown): unknown {
    let read = Array.isArray(value) ? Array.from(value) : value
    if (isObject(value) && kinds.includes('options')) read = readProperties(value)
    if (isObject(value) && kinds.includes('labels')) read = this.#readLabels(value, `${name}.`)
    if (value !== undefined && !accepts(read)) {
      throw new errors.ERR_OPTION(name, expected, (kinds.includes('secret') ? redacted : received)(value))
    }
    return read
  }

  // A token that is set as a label would not protect the endpoint, and every scrape would show it.
  #readLabels (source: object, parent: string): Record<string, unknown> {
    const entries = Object.entries(readProperties(source)).map(([name, value]) => [name, toWellFormed(value)] as const)
    const labels = Object.fromEntries(entries)
    const name = Object.keys(labels).find(name => this.#credentials.includes(normalizeName(name)))
    if (name !== undefined) throw this.#unknownOption(parent, name, labels[name])
    return labels
  }

  #unknownOption (parent: string, name: string, value: unknown): Error {
    const known = Object.keys(this.#levels.get(parent) ?? {})
    const fullNames = this.#fullNames.get(normalizeName(name))
    const suggestion = fullNames === undefined
      ? didYouMean(parent + name, this.#names)
      : ` (did you mean ${fullNames.map(fullName => `'${fullName}'`).join(' or ')}?)`
    const problem = known.length === 0 ? suggestion : `${suggestion}, known are ${known.join(', ')}`
    // The value may be a secret with a misspelt name, or in the wrong object.
    return new errors.ERR_UNKNOWN_OPTION(parent + name, problem, redacted(value))
  }
}
