import { metricOf } from '../../../dashboards/src/metrics.js'
import type { PanelJson, TargetJson } from '../../fixtures/dashboards/dashboard.js'
import type { DashboardRule } from './panel-rules.js'
import { parse } from './parse.js'

// What the rules for the layout share. All sizes are in pixels.

/** The gap between two panels, and the width of a column of the grid on a page that is 1000 wide. */
export const [GAP, NARROW_COLUMN] = [8, 40] as const
/** A character of a title, on average. */
export const TITLE_CHARACTER = 7

/** Labels whose values are few, and how many must be visible. Those with the highest values are first. */
export const FEW: Readonly<Record<string, number>> = { job: 1, instance: 2, worker: 1 }

/** The number of values of a label in a query. Infinite if any string is possible. */
function countValues (label: string, { expr }: TargetJson): number {
  if (FEW[label] !== undefined) return FEW[label]
  const listed = parse(expr).selectors.map(({ series }) => metricOf(series).labels[label]?.length ?? 0)
  return Math.max(...listed) || Infinity
}

export const countRows = (labels: readonly string[], target: TargetJson): number =>
  labels.map(label => countValues(label, target)).reduce((product, count) => product * count, 1)

/** Checks the panels of a type. */
export const panelsOf = (type: string, check: (panel: PanelJson) => string[]): DashboardRule => ({ panels }) =>
  panels.filter(panel => panel.type === type).flatMap(panel =>
    check(panel).map(problem => `'${panel.title}' ${problem}`))
