import { errors, received } from '../errors.js'
import { toLabelValue } from '../series/label-value.js'
import type { ResolvedDefinition } from './resolve-definition.js'
import type { UncheckedLabels } from '../series/label-value.js'

/**
 * The values of all labels of a series, as texts in the order of the definition; `null` where one is too long.
 * @throws DYNOAI_METRICS_ERR_CALL for an unknown label, an unlisted value and a missing label
 */
export function resolveLabels ({ name, labels, defaults }: ResolvedDefinition, given: UncheckedLabels): string[] | null {
  const unknown = Object.keys(given).find(label => !Object.hasOwn(labels, label))
  if (unknown !== undefined) {
    // A name may be long; a message shows the first of it.
    throw new errors.ERR_CALL(name, `it has no label '${unknown.slice(0, 64)}', ${listOf(Object.keys(labels))}`, received(given))
  }
  const texts: string[] = []
  let fits = true
  for (const [label, listed] of Object.entries(labels)) {
    // Own ones only: a label may be called as what every object has, `constructor`.
    const own = Object.hasOwn(given, label) ? given[label] : undefined
    const value = own === undefined && Object.hasOwn(defaults, label) ? defaults[label] : own
    if (value === undefined) throw new errors.ERR_CALL(name, `the label '${label}' is required`, received(given))
    const text = toLabelValue(value)
    if (listed.length > 0 && (text === null || !listed.includes(text))) {
      throw new errors.ERR_CALL(name, `the label '${label}' is one of ${listed.join(', ')}`, received(value))
    }
    if (text === null) fits = false
    else texts.push(text)
  }
  return fits ? texts : null
}

function listOf (names: readonly string[]): string {
  return names.length === 0 ? 'and no other' : `only ${names.join(', ')}`
}
