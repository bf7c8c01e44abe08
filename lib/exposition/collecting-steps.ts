import { readProperty } from '../util/read-property.js'
import type { NamedCollector } from './collectors.js'

/**
 * The foreign metrics that a scrape asks, in steps of which each begins when the one before has ended. A metric that
 * has no `collect` of its own may be filled in that of another, as prom-client does with half of its runtime metrics. So
 * it is asked after all metrics that have one, whether those are wanted or not.
 */
export function collectingSteps<T extends NamedCollector> (foreign: readonly T[], wanted: readonly T[]): T[][] {
  const filled = new Set(wanted.filter(({ metric }) => !collects(metric) && isWritten(metric)))
  const others = new Set(wanted.filter(one => !filled.has(one)))
  const first = filled.size === 0 ? [...others] : foreign.filter(one => others.has(one) || collects(one.metric))
  return [first, [...filled]].filter(step => step.length > 0)
}

/** The methods that change the value of a metric. */
const WRITERS = ['inc', 'set', 'observe']

function isWritten (metric: object): boolean {
  return WRITERS.some(name => typeof readProperty(metric, name) === 'function')
}

function collects (metric: object): boolean {
  return typeof readProperty(metric, 'collect') === 'function'
}
