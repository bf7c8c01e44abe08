import { errors, received } from '../errors.js'
import { toWellFormed } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { readProperties } from '../util/read-properties.js'
import { didYouMean } from '../util/suggest.js'
import { redacted } from './rules.js'
import type { Rule, Rules } from './rules.js'

/** The rules of the options at one level, by what stands before their names: `endpoint.`. */
export type Level = readonly [parent: string, rules: Rules]

/** Every spelling that is meant as one name: `bearer-token`, `BearerToken`. */
const normalizeName = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')

/** All options, by which those of one level are checked, and by which one in the wrong place is recognised. */
export class OptionChecker {
  readonly #levels: ReadonlyMap<string, Rules>
  readonly #credentials: readonly string[]
  /** The names of all options, in full. */
  readonly #names: readonly string[]
  /** The places of a name, in full. */
  readonly #paths = new Map<string, string[]>()

  /** `credentials` are names of what opens the endpoint, in full: they are no names of labels. */
  constructor (levels: readonly Level[], credentials: readonly string[]) {
    this.#levels = new Map(levels)
    this.#credentials = credentials.map(name => normalizeName(name.slice(name.lastIndexOf('.'))))
    for (const [parent, rules] of levels) {
      for (const name of Object.keys(rules)) {
        this.#paths.set(normalizeName(name), [...this.#paths.get(normalizeName(name)) ?? [], parent + name])
      }
    }
    this.#names = [...this.#paths.values()].flat()
  }

  /**
   * The options of one level as they were checked, each read once; `undefined` is left out.
   * @throws DYNOAI_METRICS_ERR_OPTION for a value that its rule does not accept
   * @throws DYNOAI_METRICS_ERR_UNKNOWN_OPTION for a name without a rule
   */
  check (options: object, parent = ''): Record<string, unknown> {
    const rules = this.#levels.get(parent) ?? {}
    const given = readProperties(options)
    for (const [name, value] of Object.entries(given)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
      if (rule === undefined) throw this.#unknown(parent, name, given[name])
      given[name] = this.#checkOption(parent + name, rule, value)
    }
    return given
  }

  /**
   * Refuses options of this package among those of another, whose names are not known; `shared` names are of both.
   * @throws DYNOAI_METRICS_ERR_UNKNOWN_OPTION
   */
  rejectPluginOptions (options: Readonly<Record<string, unknown>>, parent: string, shared: readonly string[]): void {
    const name = Object.keys(options).find(name => !shared.includes(name) && this.#paths.has(normalizeName(name)))
    if (name !== undefined) throw this.#unknown(parent, name, options[name])
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

  // As a label, a token would protect nothing and be shown to everybody.
  #readLabels (given: object, parent: string): Record<string, unknown> {
    const read = Object.entries(readProperties(given)).map(([name, value]) => [name, toWellFormed(value)] as const)
    const labels = Object.fromEntries(read)
    const name = Object.keys(labels).find(name => this.#credentials.includes(normalizeName(name)))
    if (name !== undefined) throw this.#unknown(parent, name, labels[name])
    return labels
  }

  #unknown (parent: string, name: string, value: unknown): Error {
    const known = Object.keys(this.#levels.get(parent) ?? {})
    const indices = this.#paths.get(normalizeName(name))
    const nearest = indices === undefined
      ? didYouMean(parent + name, this.#names)
      : ` (did you mean ${indices.map(index => `'${index}'`).join(' or ')}?)`
    const problem = known.length === 0 ? nearest : `${nearest}, known are ${known.join(', ')}`
    // A secret may stand under a name that is misspelt, or in the wrong object.
    return new errors.ERR_UNKNOWN_OPTION(parent + name, problem, redacted(value))
  }
}
