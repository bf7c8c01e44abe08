import { tableHeight } from '../../../dashboards/src/tables.js'
import type { PanelJson } from '../../fixtures/dashboards/dashboard.js'
import { countRows, FEW, GAP, NARROW_COLUMN, panelsOf, TITLE_CHARACTER } from './layout.js'
import type { DashboardRule } from './panel-rules.js'
import { parse } from './parse.js'

// The rules in this file check that people see all of a table, also on a screen of 1000 pixels.

/** What surrounds the columns of a table, the text of a cell, and the icon of the column that a table is sorted by. */
const [TABLE_EDGES, CELL_EDGES, SORT_ICON] = [18, 14, 20]
/** The widths that common values of these labels need. */
const NAME_WIDTHS: Readonly<Record<string, number>> = { alert: 175, path: 200, instance: 110, target: 110, job: 60 }

/** A table is as high as its rows; one of any number of rows has pages. */
const tablesFit: DashboardRule = panelsOf('table', ({ targets = [], options, gridPos }) => {
  const rows = Math.max(...targets.map(target => {
    const { groupings } = parse(target.expr)
    return groupings.some(label => FEW[label] !== undefined) ? Infinity : countRows([...new Set(groupings)], target)
  }))
  const hasPages = options?.footer?.enablePagination === true
  if (rows === Infinity) return hasPages ? [] : ['has neither a fixed size nor pages']
  return gridPos.h >= tableHeight(rows) ? [] : [`is too low for ${rows} rows`]
})

/** The width of a column: its own, or an equal part of what the others leave. */
function columnWidths ({ fieldConfig, gridPos, transformations = [] }: PanelJson): Map<string, number> {
  const names = Object.values(transformations.at(-1)?.options.renameByName ?? {})
  const ownWidth = (name: string): number => {
    const override = fieldConfig?.overrides?.find(({ matcher }) => matcher.options === name)
    return Number(override?.properties.find(({ id }) => id === 'custom.width')?.value ?? NaN)
  }
  const titles = [...new Set(names)]
  const own = titles.map(ownWidth).filter(width => !isNaN(width))
  const rest = gridPos.w * NARROW_COLUMN - GAP - TABLE_EDGES - own.reduce((sum, width) => sum + width, 0)
  const equal = rest / (titles.length - own.length)
  return new Map(titles.map(title => [title, isNaN(ownWidth(title)) ? equal : ownWidth(title)]))
}

/** The columns of a table are as wide as their titles, and those of names as wide as the names. */
const columnsFit: DashboardRule = panelsOf('table', panel => {
  const sorted = panel.options?.sortBy?.[0]?.displayName
  const names = panel.transformations?.at(-1)?.options.renameByName ?? {}
  const labels = new Map(Object.entries(names).map(([label, title]) => [title, label]))
  return [...columnWidths(panel)].filter(([title, width]) => {
    const titleWidth = title.length * TITLE_CHARACTER + CELL_EDGES + (title === sorted ? SORT_ICON : 0)
    return width < Math.max(titleWidth, NAME_WIDTHS[labels.get(title) ?? ''] ?? 0)
  }).map(([title, width]) => `has only ${Math.floor(width)} px for the column '${title}'`)
})

/** The rules for tables, by name. */
export const tableRules: Readonly<Record<string, DashboardRule>> = { tablesFit, columnsFit }
