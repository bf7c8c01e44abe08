import { errors, received } from '../errors.js'
import { toLabelValue } from '../series/label-value.js'
import type { UncheckedLabels } from '../series/label-value.js'
import type { ResolvedDefinition } from './resolve-definition.js'

/**
 * Returns the label values of a series in the order of the definition, with defaults; `null` if one is too long.
 * @throws DYNOAI_METRICS_ERR_CALL for an unknown label, an unlisted value and a missing label
 */
export function resolveLabels (definition: ResolvedDefinition, callLabels: UncheckedLabels): string[] | null {
  const { name, labels, defaults } = definition
  const unknown = Object.keys(callLabels).find(label => !Object.hasOwn(labels, label))
  if (unknown !== undefined) {
    // The name may be long, so the message shows only its beginning.
    const problem = `it has no label '${unknown.slice(0, 64)}', ${knownLabels(Object.keys(labels))}`
    throw new errors.ERR_CALL(name, problem, received(callLabels))
  }
  const labelValues: string[] = []
  let isTooLong = false
  for (const [label, listed] of Object.entries(labels)) {
    // Own properties only: a label may have the name of an inherited one, such as `constructor`.
    const callValue = Object.hasOwn(callLabels, label) ? callLabels[label] : undefined
    const value = callValue === undefined && Object.hasOwn(defaults, label) ? defaults[label] : callValue
    if (value === undefined) throw new errors.ERR_CALL(name, `the label '${label}' is required`, received(callLabels))
    const labelValue = toLabelValue(value)
    if (listed.length > 0 && (labelValue === null || !listed.includes(labelValue))) {
      throw new errors.ERR_CALL(name, `the label '${label}' is one of ${listed.join(', ')}`, received(value))
    }
    if (labelValue === null) isTooLong = true
    else labelValues.push(labelValue)
  }
  return isTooLong ? null : labelValues
}

function knownLabels (names: readonly string[]): string {
  return names.length === 0 ? 'and no other' : `only ${names.join(', ')}`
}
