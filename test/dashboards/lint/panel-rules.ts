import type { DashboardJson, PanelJson, TargetJson } from '../../fixtures/dashboards/dashboard.js'
import { listExpressions } from '../../fixtures/dashboards/expressions.js'
import { expressionRules, isRecorded, noUpgradesInObjectives } from './expression-rules.js'
import type { ExpressionRule } from './expression-rules.js'
import { labelsOf } from './labels.js'
import { parse, PLACEHOLDER_RANGES } from './parse.js'
import type { Selector } from './parse.js'

// The rules in this file apply only to expressions of dashboards.

/** Returns the problems of a dashboard. */
export type DashboardRule = (dashboard: DashboardJson) => string[]

type Expression = ReturnType<typeof listExpressions>[number]

const checkExpressions = (
  rule: ExpressionRule, isIncluded: (expression: Expression) => boolean = () => true
): DashboardRule => dashboard => listExpressions(dashboard).filter(isIncluded).flatMap(({ location, expr }) =>
  rule(parse(expr)).map(problem => `${location}: ${problem}`))

const checkTargets = (check: (target: TargetJson, panel: PanelJson) => string[]): DashboardRule => ({ uid, panels }) =>
  panels.flatMap(panel => (panel.targets ?? []).flatMap(target =>
    check(target, panel).map(problem => `${uid}, panel '${panel.title}', ${target.refId}: ${problem}`)))

/**
 * Every series is filtered by the chosen jobs and instances. A recorded series has no instance, so what is compared
 * with it may be of all instances. An alert may have neither.
 */
const chosen: DashboardRule = checkExpressions(({ selectors }) => selectors.flatMap(({ series, matchers }) => {
  const isAlert = series.startsWith('ALERTS')
  const isFilteredBy = (name: string): boolean => matchers.some(({ label, operator, value }) =>
    label === name && operator === '=~' && value === (isAlert ? `$${name}|` : `$${name}`))
  return (!isAlert && selectors.some(selector => isRecorded(selector.series)) ? ['job'] : ['job', 'instance'])
    .filter(name => !isFilteredBy(name))
    .map(name => `${series} without the chosen ${name}`)
}), ({ kind }) => kind !== 'variable')

const WITH_RANGE = ['rate', 'irate', 'increase', 'changes', 'delta']

/**
 * The range of a line follows the panel width and the scrape interval. The range of an instant query is fixed, and that
 * of what is read once for the whole line.
 */
const rateInterval: DashboardRule = checkTargets(({ expr, instant = false }) => {
  const isWrong = ({ fn, range, isFixed }: Selector): boolean => range !== undefined && !isFixed &&
    WITH_RANGE.includes(fn ?? '') && (range === PLACEHOLDER_RANGES['$__rate_interval']) === instant
  return parse(expr).selectors.filter(isWrong)
    .map(({ series, range }) => `${instant ? 'an instant query' : 'a line'} of ${series} over ${range}`)
})

const objectivesWithoutUpgrades: DashboardRule = checkExpressions(
  noUpgradesInObjectives, ({ kind, location }) => kind === 'panel' && /dynoai-slo|budget/.test(location))

/** Every line has a name. The name uses only labels of the result. */
const legends: DashboardRule = checkTargets(({ expr, legendFormat = '' }, { type }) => {
  const { groupings, createdLabels, hasAggregation, selectors } = parse(expr)
  const present = hasAggregation
    ? [...groupings, ...createdLabels]
    : selectors.flatMap(({ series }) => labelsOf(series))
  const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => String(label))
  return [
    ...legendFormat === '' ? ['no legend'] : [],
    ...type === 'heatmap' && legendFormat !== '{{le}}' ? ['the legend of a heatmap is not its bound'] : [],
    ...used.filter(label => !present.includes(label))
      .map(label => `the result does not have the legend's label ${label}`)
  ]
})

const heatmapFormat: DashboardRule = checkTargets(({ expr, format, range = false }, { type }) => {
  const isValid = format === 'heatmap' && range && /^sum by \(le\) \(rate\(\w+_bucket\{.* or on \(\) sum\(rate\(/.test(expr)
  return type === 'heatmap' && !isValid ? ['a heatmap needs rates of buckets by le, in the format heatmap'] : []
})

// The event loop has no exemplars, because its samples do not belong to a request.
const exemplars: DashboardRule = checkTargets(({ expr, range = false, exemplar = false }) => {
  const canHaveExemplars = range && parse(expr).quantiles.some(({ argument }) => argument.includes('dynoai_'))
  return canHaveExemplars && !exemplar ? ['percentiles without exemplars'] : []
})

/** Grafana expects times in milliseconds. Prometheus returns seconds. */
const annotationTimes: DashboardRule = ({ annotations }) => annotations.list
  .filter(({ expr, useValueForTime = false }) => useValueForTime !== (parse(expr).factor === 1000))
  .map(({ name, expr }) => `${name} has the wrong time: ${expr}`)

/** The rules for the queries of a dashboard, by name. */
export const panelRules: Readonly<Record<string, DashboardRule>> = {
  ...Object.fromEntries(Object.entries(expressionRules).map(([name, rule]) => [name, checkExpressions(rule)])),
  chosen,
  rateInterval,
  objectivesWithoutUpgrades,
  legends,
  heatmapFormat,
  exemplars,
  annotationTimes
}
