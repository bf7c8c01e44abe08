import { types } from 'node:util'
import { errors, received } from '../errors.js'
import type { UncheckedLabels } from '../series/label-value.js'

type Run = () => unknown

/** Stands for the labels of a call that is wrong, with the reason: whoever records the call reports it. */
export class InvalidCall {
  constructor (readonly problem: string, readonly value: unknown, readonly cause?: unknown) {}
}

/** The labels and the value of a call whose labels may be left out. */
export function readCall (args: readonly unknown[]): readonly [labels: unknown, value: unknown] {
  const [first, second] = args
  if (typeof first === 'object' && first !== null) return [first, second]
  // The labels come first: swapped with the value, neither may pass for what was meant.
  if (typeof first === 'number' && second !== undefined) return [undefined, args]
  return [undefined, first === undefined ? second : first]
}

/**
 * The labels and the function of a call that runs it, whose labels may be left out. The first function is the one to
 * run, however wrong the labels are; without one, there is nothing to run.
 */
export function readRun (args: readonly unknown[]): readonly [labels: unknown, run: Run] {
  const [first, second] = args
  if (typeof first === 'function') {
    const swapped = typeof second === 'object' && second !== null
    return [swapped ? new InvalidCall('its labels must come before the function', second) : undefined, first as Run]
  }
  if (typeof second === 'function') return [first, second as Run]
  return [new InvalidCall('it has no function to run', second ?? first), () => {}]
}

/** The own properties of labels as they are now, each read once; what is wrong with them is given in place of them. */
export function copyLabels (labels: unknown): UncheckedLabels | InvalidCall {
  if (labels === undefined) return {}
  try {
    if (labels instanceof InvalidCall) return labels
    // Neither an array nor a boxed value: of a long one, a copy would have a property for each item.
    const hasItems = Array.isArray(labels) || types.isBoxedPrimitive(labels) || ArrayBuffer.isView(labels)
    const copy: UncheckedLabels | null = typeof labels === 'object' && !hasItems ? { ...labels } : null
    // What has no property may be a date, or a map.
    const isLabels = copy !== null && (Object.prototype.toString.call(labels) === '[object Object]' || Object.keys(copy).length > 0)
    return isLabels ? copy : new InvalidCall('its labels must be an object', labels)
  } catch (err) {
    return new InvalidCall('its labels cannot be read', labels, err)
  }
}

/**
 * Labels in one object, where those of a later one replace those before.
 * @throws DYNOAI_METRICS_ERR_CALL naming the metric
 */
export function mergeLabels (metric: string, given: readonly unknown[]): UncheckedLabels {
  let merged: UncheckedLabels = {}
  for (const one of given) {
    const labels = copyLabels(one)
    if (labels instanceof InvalidCall) {
      const err = new errors.ERR_CALL(metric, labels.problem, received(labels.value))
      throw Object.assign(err, { cause: labels.cause })
    }
    merged = { ...merged, ...labels }
  }
  return merged
}
