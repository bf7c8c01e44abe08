import { namesOf } from '../registry/sample-names.js'

/** Types of which OpenMetrics also reserves a sample for the time of creation. */
const TYPES_WITH_CREATED: readonly string[] = ['histogram', 'summary']

/** Which metric each name of an exposition belongs to; parsers refuse a page on which two metrics share one. */
export class NameOwners {
  readonly #owners = new Map<string, object>()

  /** Gives the names of a family to `owner`, all or none; whether it has them now. */
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
