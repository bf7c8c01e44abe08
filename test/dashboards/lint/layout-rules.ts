import type { PanelJson, TargetJson } from '../../fixtures/dashboards/dashboard.js'
import { countRows, GAP, NARROW_COLUMN, panelsOf, TITLE_CHARACTER } from './layout.js'
import type { DashboardRule } from './panel-rules.js'
import { tableRules } from './table-rules.js'

// The rules in this file check that people find and see what a panel shows, also on a screen of 1000 pixels.

/** In pixels: Grafana's grid has units of 30 and gaps of 8. */
const GRID_UNIT = 38
/** The title and the edges of a panel. */
const PANEL_EDGES = 32
const [LEGEND_HEADER, LEGEND_ROW] = [30, 24]
/** The part of a panel that a legend below the lines can have at most. */
const LEGEND_BELOW = 0.35
/** What is beside a title: an icon and the edges. */
const TITLE_EDGES = 56
/** The characters of a line of text at a width of 1000, the height of a line, and what surrounds the text. */
const [TEXT_LENGTH, TEXT_ROW, TEXT_EDGES] = [135, 22, 16]
/** A screen of 900 pixels without the bars of the browser and of Grafana, in units of the grid. */
const FIRST_SCREEN = 20

const contentHeight = ({ h }: PanelJson['gridPos']): number => GRID_UNIT * h - GAP - PANEL_EDGES

const labelsOfLegend = ({ legendFormat = '' }: TargetJson): string[] =>
  [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => String(label))

const onOverview = (rule: DashboardRule): DashboardRule => dashboard =>
  dashboard.uid === 'dynoai-overview' ? rule(dashboard) : []

/** A legend is a table that begins with the highest last value. */
const legendsSorted: DashboardRule = panelsOf('timeseries', ({ options }) => {
  const { displayMode, sortBy, sortDesc, calcs = [] } = options?.legend ?? {}
  const isSorted = displayMode === 'table' && sortBy === 'Last *' && sortDesc === true && calcs.includes('lastNotNull')
  return isSorted ? [] : ['does not sort its legend by the last value']
})

/** Every line of a legend is visible. One of any number of lines is on the right; one of routes needs more height. */
const legendsFit: DashboardRule = panelsOf('timeseries', ({ targets = [], options, gridPos }) => {
  const rows = targets.reduce((sum, target) => sum + countRows(labelsOfLegend(target), target), 0)
  const isRight = options?.legend?.placement === 'right'
  const height = contentHeight(gridPos) * (isRight ? 1 : LEGEND_BELOW)
  const visible = Math.floor((height - LEGEND_HEADER) / LEGEND_ROW)
  const isHigh = gridPos.h >= 10 || !targets.some(target => labelsOfLegend(target).includes('path'))
  if (rows === Infinity) return isRight && isHigh ? [] : ['has a legend of any number of lines']
  return rows <= visible ? [] : [`shows ${visible} of ${rows} lines of its legend`]
})

/** A median below the first bound is an interpolation, so a mean is beside it. */
const mediansWithMeans: DashboardRule = ({ panels }) => panels.flatMap(({ title, targets = [] }) => {
  const medians = targets.filter(({ expr }) => expr.includes('histogram_quantile(0.5,'))
  const hasMean = targets.some(({ expr }) => /_sum\{.* \/ \(.*_count\{/.test(expr))
  return medians.length > 0 && !hasMean ? [`'${title}' has a median and no mean`] : []
})

/** Grafana writes its own unit as c/m, which is not a known abbreviation. */
const noAbbreviatedUnits: DashboardRule = dashboard => JSON.stringify(dashboard.panels).includes('"cpm"')
  ? [`${dashboard.uid} has the unit cpm, which is shown as c/m`]
  : []

/** Titles are not cut off at a width of 1000 pixels. */
const titlesFit: DashboardRule = ({ panels }) => panels
  .filter(({ type, title, gridPos: { w } }) =>
    type !== 'row' && title.length * TITLE_CHARACTER > w * NARROW_COLUMN - GAP - TITLE_EDGES)
  .map(({ title, gridPos: { w } }) => `'${title}' is too long for a width of ${w}`)

/** Texts are not cut off at a width of 1000 pixels. */
const textsFit: DashboardRule = panelsOf('text', ({ options, gridPos }) => {
  const lines = String(options?.content).split('\n').map(line => Math.max(1, Math.ceil(line.length / TEXT_LENGTH)))
  const height = TEXT_ROW * lines.reduce((sum, count) => sum + count, 0)
  return height <= contentHeight(gridPos) - TEXT_EDGES ? [] : ['is too low for its text']
})

const FIRST: Readonly<Record<string, RegExp>> = {
  'firing alerts': /ALERTS\{/,
  'targets that are up': /\bup\{/,
  'refused scrapes': /scrapes_total/,
  'server errors by route': /by \(path\).*status=~"5\.\."/,
  exceptions: /exceptions_total/,
  budgets: /dynoai_requests_total.*\[30d\]/
}

/** On the overview, alerts and server errors are visible without scrolling. */
const firstScreen: DashboardRule = onOverview(({ panels }) => {
  const shown = panels.filter(({ gridPos: { y, h } }) => y + h <= FIRST_SCREEN)
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n')
  return Object.entries(FIRST).filter(([, pattern]) => !pattern.test(shown))
    .map(([what]) => `${what} are not on the first screen`)
})

/** The rules for what is visible, by name. */
export const layoutRules: Readonly<Record<string, DashboardRule>> = {
  legendsSorted,
  legendsFit,
  ...tableRules,
  mediansWithMeans,
  noAbbreviatedUnits,
  titlesFit,
  textsFit,
  firstScreen
}
