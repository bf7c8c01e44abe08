import type { DashboardJson, PanelJson, TargetJson } from '../../fixtures/dashboards/dashboard.js'
import { listExpressions } from '../../fixtures/dashboards/expressions.js'
import { expressionRules, isRecorded, noUpgradesInObjectives } from './expression-rules.js'
import type { ExpressionRule } from './expression-rules.js'
import { labelsOf } from './labels.js'
import { parse, STAND_INS } from './parse.js'

// What holds for expressions only where Grafana draws them.

/** Says what is wrong with a dashboard. */
export type DashboardRule = (dashboard: DashboardJson) => string[]

const everywhere = (rule: ExpressionRule): DashboardRule => dashboard =>
  listExpressions(dashboard).flatMap(({ location, expr }) => rule(parse(expr)).map(problem => `${location}: ${problem}`))

const eachTarget = (check: (target: TargetJson, panel: PanelJson) => string[]): DashboardRule => ({ uid, panels }) =>
  panels.flatMap(panel => (panel.targets ?? []).flatMap(target => check(target, panel).map(problem => `${uid}, panel '${panel.title}', ${target.refId}: ${problem}`)))

/** The choice of jobs and instances holds for every series; what is recorded has lost its instance. */
const chosen: DashboardRule = dashboard => listExpressions(dashboard).filter(({ kind }) => kind !== 'variable').flatMap(({ location, expr }) =>
  parse(expr).selectors.flatMap(({ series, matchers }) => (isRecorded(series) ? ['job'] : ['job', 'instance'])
    .filter(name => !matchers.some(({ label, operator, value }) => label === name && operator === '=~' && value === `$${name}`))
    .map(name => `${location}: ${series} without the chosen ${name}`)))

/** Lines follow the width of the panel and the scrape interval; a number of one moment has a range of its own. */
const rateInterval: DashboardRule = eachTarget(({ expr, instant = false }) => parse(expr).selectors
  .filter(({ fn, range }) => range !== undefined && ['rate', 'irate', 'increase', 'changes', 'delta'].includes(fn ?? '') && (range === STAND_INS['$__rate_interval']) === instant)
  .map(({ series, range }) => `${instant ? 'a number' : 'a line'} with ${series} over ${range}`))

const objectivesWithoutUpgrades: DashboardRule = dashboard => listExpressions(dashboard)
  .filter(({ kind, location }) => kind === 'panel' && /dynoai-slo|budget/.test(location))
  .flatMap(({ location, expr }) => noUpgradesInObjectives(parse(expr)).map(problem => `${location}: ${problem}`))

/** Every line has a name, made of labels that the result has. */
const legends: DashboardRule = eachTarget(({ expr, legendFormat = '' }, { type }) => {
  const { groupings, made, hasAggregation, selectors } = parse(expr)
  const present = hasAggregation ? [...groupings, ...made] : selectors.flatMap(({ series }) => labelsOf(series))
  const wrong = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => String(label)).filter(label => !present.includes(label))
  return [
    ...legendFormat === '' ? ['no legend'] : [],
    ...type === 'heatmap' && legendFormat !== '{{le}}' ? ['a heatmap is named by its bounds'] : [],
    ...wrong.map(label => `the legend names ${label}, which the result does not have`)
  ]
})

const heatmapFormat: DashboardRule = eachTarget(({ expr, format, range = false }, { type }) =>
  type === 'heatmap' && (format !== 'heatmap' || !range || !/^sum by \(le\) \(rate\(\w+_bucket\{/.test(expr)) ? ['a heatmap takes rates of buckets by le, in the format of heatmaps'] : [])

// The event loop has none: its samples belong to no request.
const exemplars: DashboardRule = eachTarget(({ expr, range = false, exemplar = false }) =>
  range && parse(expr).quantiles.some(({ argument }) => argument.includes('dynoai_')) && !exemplar ? ['percentiles without exemplars'] : [])

/** Grafana's times are milliseconds, those of Prometheus seconds. */
const annotationTimes: DashboardRule = ({ annotations }) => annotations.list
  .filter(({ expr, useValueForTime = false }) => useValueForTime !== (parse(expr).factor === 1000))
  .map(({ name, expr }) => `${name} is not marked where it was: ${expr}`)

/** The rules about what Grafana asks Prometheus. */
export const panelRules: Readonly<Record<string, DashboardRule>> = {
  ...Object.fromEntries(Object.entries(expressionRules).map(([name, rule]) => [name, everywhere(rule)])),
  chosen,
  rateInterval,
  objectivesWithoutUpgrades,
  legends,
  heatmapFormat,
  exemplars,
  annotationTimes
}
