import { types } from 'node:util'
import { errors, received } from '../errors.js'
import type { UncheckedLabels } from '../series/label-value.js'

type Run = () => unknown

/** Replaces the labels of an invalid call, and says why it is invalid. The code that records the call reports it. */
export class InvalidCall {
  constructor (readonly problem: string, readonly value: unknown, readonly cause?: unknown) {}
}

/** Splits the arguments of a call into labels, which may be left out, and a value. */
export function readCall (args: readonly unknown[]): readonly [labels: unknown, value: unknown] {
  const [first, second] = args
  if (typeof first === 'object' && first !== null) return [first, second]
  // In the wrong order, neither argument may be used: the value returned here is invalid, and the call is not recorded.
  if (typeof first === 'number' && second !== undefined) return [undefined, args]
  return [undefined, first === undefined ? second : first]
}

/**
 * Splits the arguments of a call that runs a function into labels, which may be left out, and the function. The first
 * function is run even if the labels are invalid. Without a function, a function that does nothing is returned.
 */
export function readRun (args: readonly unknown[]): readonly [labels: unknown, run: Run] {
  const [first, second] = args
  if (typeof first === 'function') {
    const isSwapped = typeof second === 'object' && second !== null
    return [isSwapped ? new InvalidCall('its labels must come before the function', second) : undefined, first as Run]
  }
  if (typeof second === 'function') return [first, second as Run]
  return [new InvalidCall('it has no function to run', second ?? first), () => {}]
}

/** Copies the own properties of labels, each read once; returns an `InvalidCall` if they are not a labels object. */
export function copyLabels (labels: unknown): UncheckedLabels | InvalidCall {
  if (labels === undefined) return {}
  try {
    if (labels instanceof InvalidCall) return labels
    // An object with items, such as an array, is not copied: the copy would have a property for each item.
    const hasItems = Array.isArray(labels) || types.isBoxedPrimitive(labels) || ArrayBuffer.isView(labels)
    const copy: UncheckedLabels | null = typeof labels === 'object' && !hasItems ? { ...labels } : null
    // An object without properties may be something else, such as a date or a map.
    const isLabels = copy !== null &&
      (Object.prototype.toString.call(labels) === '[object Object]' || Object.keys(copy).length > 0)
    return isLabels ? copy : new InvalidCall('its labels must be an object', labels)
  } catch (err) {
    return new InvalidCall('its labels cannot be read', labels, err)
  }
}

/**
 * Merges labels objects into one. A later object replaces labels of those before it.
 * @throws DYNOAI_METRICS_ERR_CALL with the name of the metric, for an invalid labels object
 */
export function mergeLabels (metric: string, labelsObjects: readonly unknown[]): UncheckedLabels {
  let merged: UncheckedLabels = {}
  for (const labelsObject of labelsObjects) {
    const labels = copyLabels(labelsObject)
    if (labels instanceof InvalidCall) {
      const err = new errors.ERR_CALL(metric, labels.problem, received(labels.value))
      throw Object.assign(err, { cause: labels.cause })
    }
    merged = { ...merged, ...labels }
  }
  return merged
}
