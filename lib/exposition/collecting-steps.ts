import { readProperty } from '../util/read-property.js'
import type { NamedCollector } from './collectors.js'

/**
 * The foreign metrics that a scrape asks, in steps of which each begins when the one before has ended. A metric that
 * has no `collect` of its own may be filled in that of another, as prom-client does with half of its runtime metrics. So
 * it is asked after all metrics that have one, whether those are wanted or not.
 */
export function collectingSteps<T extends NamedCollector> (external: readonly T[], requested: readonly T[]): T[][] {
  const filledByOthers = new Set(requested.filter(({ metric }) => !hasCollect(metric) && hasWriteMethod(metric)))
  const rest = new Set(requested.filter(collector => !filledByOthers.has(collector)))
  const firstStep = filledByOthers.size === 0 ? [...rest] : external.filter(collector => rest.has(collector) || hasCollect(collector.metric))
  return [firstStep, [...filledByOthers]].filter(step => step.length > 0)
}

/** The methods that change the value of a metric. */
const WRITE_METHODS = ['inc', 'set', 'observe']

function hasWriteMethod (metric: object): boolean {
  return WRITE_METHODS.some(name => typeof readProperty(metric, name) === 'function')
}

function hasCollect (metric: object): boolean {
  return typeof readProperty(metric, 'collect') === 'function'
}
