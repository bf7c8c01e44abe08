import { namesOf } from '../registry/sample-names.js'

/** The types for which OpenMetrics also reserves the name `<family>_created`, for the time of creation. */
const TYPES_WITH_CREATED: readonly string[] = ['histogram', 'summary']

/** The metric that owns each name of an exposition. Parsers reject an exposition in which two metrics share a name. */
export class NameOwners {
  readonly #owners = new Map<string, object>()

  /** Assigns all names of a family to `owner`, or none. Returns whether they are assigned. */
  claim (owner: object, name: string, type: string): boolean {
    const names = namesOf(name, type)
    if (TYPES_WITH_CREATED.includes(type)) names.push(`${name}_created`)
    if (names.some(ownedName => (this.#owners.get(ownedName) ?? owner) !== owner)) return false
    for (const ownedName of names) this.#owners.set(ownedName, owner)
    return true
  }

  has (name: string): boolean {
    return this.#owners.has(name)
  }
}
