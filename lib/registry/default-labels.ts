import type { MetricsRegistry } from '../types/index.js'
import { isObject } from '../util/is-object.js'

/**
 * The labels that a registry adds to every sample; `undefined` if they cannot be read. prom-client and its successor
 * store them in this property, and have no public way to read them.
 */
export function defaultLabelsOf (registry: object): Readonly<Record<string, unknown>> | undefined {
  const { _defaultLabels: labels } = registry as { readonly _defaultLabels?: unknown }
  return isObject(labels) ? labels : undefined
}

/** Makes a registry add labels to every sample. An empty object changes nothing, to keep labels of the application. */
export function setDefaultLabels (registry: MetricsRegistry, labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length > 0) registry.setDefaultLabels({ ...labels })
}
