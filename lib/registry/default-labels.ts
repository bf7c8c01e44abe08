import type { MetricsRegistry } from '../types/index.js'
import { isObject } from '../util/is-object.js'

/**
 * The labels that a registry puts on every sample, `undefined` where it does not show them: prom-client and its successor
 * keep them under this name and offer no other way to them.
 */
export function defaultLabelsOf (registry: object): Readonly<Record<string, unknown>> | undefined {
  const { _defaultLabels: labels } = registry as { readonly _defaultLabels?: unknown }
  return isObject(labels) ? labels : undefined
}

/** Has a registry put labels on all samples. Setting none would take away those that its owner has set. */
export function setDefaultLabels (registry: MetricsRegistry, labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length > 0) registry.setDefaultLabels({ ...labels })
}
