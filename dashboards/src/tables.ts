import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import { TableFooterOptionsBuilder, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { applySettings, buildQuery, buildThresholds } from './panels/index.js'
import type { PanelSettings, Thresholds } from './panels/index.js'
import { refIdOf } from './ref-id.js'
import { ROUTE_ON_OVERVIEW_URL } from './variables.js'

/** A column of numbers. The labels of the expression's result identify the rows. */
interface ValueColumn {
  readonly title: string
  readonly expr: string
  readonly unit: string
  readonly decimals?: number
  /** In pixels. */
  readonly width?: number
  readonly thresholds?: Thresholds
}

interface Link {
  readonly title: string
  readonly url: string
}

/** A column with the values of a label. */
interface LabelColumn {
  readonly title: string
  readonly label: string
  /** Opened by a click on a value. */
  readonly link?: Link
  /** In pixels. The other columns share the rest of the width. */
  readonly width?: number
}

interface TableOptions {
  readonly labels: readonly LabelColumn[]
  readonly values: readonly ValueColumn[]
  /** Title of the column to sort by, the highest value first. */
  readonly sortBy: string
  /** Title of the column by which rows are sorted that have the same value in `sortBy`. */
  readonly thenBy?: string
  /** How many rows it has, if that is fixed. Otherwise it has pages. */
  readonly rows?: number
  /** How many rows a page has at least. @default 8 */
  readonly pageRows?: number
}

// In pixels: of a row or the header of a table, of the title and the edges of a panel, of a unit of Grafana's grid.
const [TABLE_ROW, PANEL_EDGES, GRID_UNIT] = [36, 56, 38]

/** The height of a table with that many rows, in units of Grafana's grid. */
export const tableHeight = (rows: number): number => Math.ceil(((rows + 1) * TABLE_ROW + PANEL_EDGES) / GRID_UNIT)

/** In pixels. With Grafana's own 150, seven columns do not fit on a page that is 1000 pixels wide. */
const [MIN_COLUMN_WIDTH, ROUTE_WIDTH] = [70, 230]
/** In pixels. Wide enough for a name and a port. */
export const INSTANCE_WIDTH = 115

/** Shown in the cell of a label that a row does not have. */
const NO_LABEL = '–'

const widthOf = (width?: number): DynamicConfigValue[] =>
  width === undefined ? [] : [{ id: 'custom.width', value: width }]

const buildPages = (): TableFooterOptionsBuilder =>
  new TableFooterOptionsBuilder().show(false).reducer([]).enablePagination(true)

/** A column with the routes. A click on a route opens the overview of it. */
export const routeColumn = (linkTitle: string): LabelColumn =>
  ({ title: 'Route', label: 'path', link: { title: linkTitle, url: ROUTE_ON_OVERVIEW_URL }, width: ROUTE_WIDTH })

/** A table with a row for every combination of the labels. */
export function table (settings: PanelSettings, options: TableOptions): TablePanel {
  const { labels, values, sortBy, thenBy, rows, pageRows = 8 } = options
  // Grafana names a value 'Value #A' if the panel has several queries, and 'Value' if it has one.
  const fields = [...labels.map(({ label }) => label), ...values.map((_, i) => `Value #${refIdOf(i)}`), 'Value']
  const titles = [...labels, ...values, ...values.slice(0, 1)].map(({ title }) => title)

  const panel = applySettings(new TablePanel(), settings, tableHeight(rows ?? pageRows + 1))
    .minWidth(MIN_COLUMN_WIDTH)
    .sortBy([sortBy, thenBy].filter(title => title !== undefined).map(title =>
      new TableSortByFieldStateBuilder().displayName(title).desc(true)))
    .targets(values.map(({ expr, title }) =>
      buildQuery({ expr, legend: title }).instant().format(PromQueryFormat.Table)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(fields.map((field, i) => [field, i])),
        renameByName: Object.fromEntries(fields.map((field, i) => [field, titles[i]]))
      }
    })
  // The list of pages is as high as a row.
  if (rows === undefined) panel.footer(buildPages())
  for (const { title, link, width } of labels) {
    const links = link === undefined ? [] : [{ id: 'links', value: [buildLink(link)] }]
    panel.overrideByName(title, [{ id: 'noValue', value: NO_LABEL }, ...links, ...widthOf(width)])
  }
  for (const column of values) panel.overrideByName(column.title, columnProperties(column))
  return panel
}

function buildLink (link: Link): object {
  const { title, url } = new DashboardLinkBuilder(link.title).url(link.url).build()
  return { title, url, targetBlank: false }
}

function columnProperties ({ unit, decimals, thresholds, width }: ValueColumn): DynamicConfigValue[] {
  const colors = thresholds === undefined
    ? []
    : [
        { id: 'thresholds', value: buildThresholds(thresholds).build() },
        { id: 'custom.cellOptions', value: { type: 'color-text' } }
      ]
  const rounding = decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]
  return [{ id: 'unit', value: unit }, ...rounding, ...widthOf(width), ...colors]
}
