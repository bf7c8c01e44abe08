import type { DashboardRule } from './panel-rules.js'
import { parse } from './parse.js'

const WORST_OF_INSTANCE = 'max by (job, instance) ('

/**
 * The lines of an event loop are of the worst process of each instance, so a service with many workers has no more
 * lines. There are two an instance at most, and the longest delay is the first.
 */
const eventLoopLines: DashboardRule = ({ panels }) => panels.flatMap(({ type, title, targets = [] }) => {
  const exprs = targets.map(({ expr }) => expr).filter(expr => expr.includes('nodejs_eventloop_'))
  if (type !== 'timeseries' || exprs.length === 0) return []
  // Each query has a quantile of a classic histogram, then the same one of a native histogram.
  const quantiles = exprs.flatMap(expr => parse(expr).quantiles.slice(0, 1))
    .map(({ argument }) => Number(/[\d.]+/.exec(argument)))
  return [
    ...exprs.length > 2 ? [`'${title}' has more than two lines an instance`] : [],
    ...exprs.filter(expr => !expr.startsWith(WORST_OF_INSTANCE)).map(() => `'${title}' has a line for each process`),
    ...quantiles.some((q, i) => i === 0 ? q !== 1 : q > Number(quantiles[i - 1]))
      ? [`the longest delay is not the first line of '${title}'`]
      : []
  ]
})

/** The rules for panels of event loops, by name. */
export const eventLoopRules: Readonly<Record<string, DashboardRule>> = { eventLoopLines }
