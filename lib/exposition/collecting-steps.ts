import { readProperty } from '../util/read-property.js'
import type { NamedCollector } from './collectors.js'

/**
 * The external metrics that a scrape collects, in steps. Each step begins when the step before has ended. The `collect`
 * of one metric may set the value of another that has none: prom-client does so for half of its runtime metrics. So
 * requested metrics without `collect`, but with a method that sets a value, are read after all metrics that have one,
 * requested or not.
 */
export function collectingSteps<T extends NamedCollector> (external: readonly T[], requested: readonly T[]): T[][] {
  const filledByOthers = new Set(requested.filter(({ metric }) => !hasCollect(metric) && hasWriteMethod(metric)))
  const rest = new Set(requested.filter(collector => !filledByOthers.has(collector)))
  const firstStep = filledByOthers.size === 0
    ? [...rest]
    : external.filter(collector => rest.has(collector) || hasCollect(collector.metric))
  return [firstStep, [...filledByOthers]].filter(step => step.length > 0)
}

const WRITE_METHODS = ['inc', 'set', 'observe']

function hasWriteMethod (metric: object): boolean {
  return WRITE_METHODS.some(name => typeof readProperty(metric, name) === 'function')
}

function hasCollect (metric: object): boolean {
  return typeof readProperty(metric, 'collect') === 'function'
}
