import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { described, thresholds } from './panels.js'
import type { PanelText, Thresholds } from './panels.js'
import { DATASOURCE } from './variables.js'

/** A column with a number: one expression, whose labels are those of the rows. */
export interface ValueColumn {
  readonly title: string
  readonly expr: string
  readonly unit: string
  readonly thresholds?: Thresholds
}

/** A column that names the row by a label. */
export interface LabelColumn {
  readonly title: string
  readonly label: string
  /** Where a click on it leads. */
  readonly link?: { readonly title: string, readonly url: string }
}

/** A row for every combination of the labels, the highest in `sortBy` first. */
export function table (text: PanelText, labels: readonly LabelColumn[], values: readonly ValueColumn[], sortBy: string): TablePanel {
  const refId = (i: number): string => String.fromCharCode('A'.charCodeAt(0) + i)
  // The value of the only query has no letter, but where it is one of several frames.
  const fields = [...labels.map(({ label }) => label), ...values.map((_, i) => `Value #${refId(i)}`), 'Value']
  const titles = [...labels, ...values, ...values.slice(0, 1)].map(({ title }) => title)

  const panel = described(new TablePanel(), text, 10)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .targets(values.map(({ expr, title }) => new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(title).instant().format(PromQueryFormat.Table)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(fields.map((field, i) => [field, i])),
        renameByName: Object.fromEntries(fields.map((field, i) => [field, titles[i]]))
      }
    })
  for (const { title, link } of labels) {
    if (link !== undefined) panel.overrideByName(title, [{ id: 'links', value: [dataLink(link)] }])
  }
  for (const column of values) panel.overrideByName(column.title, valueProperties(column))
  return panel
}

function dataLink ({ title, url }: { readonly title: string, readonly url: string }): object {
  const link = new DashboardLinkBuilder(title).url(url).build()
  return { title: link.title, url: link.url, targetBlank: false }
}

function valueProperties ({ unit, thresholds: steps }: ValueColumn): DynamicConfigValue[] {
  const colors = steps === undefined
    ? []
    : [{ id: 'thresholds', value: thresholds(steps).build() }, { id: 'custom.cellOptions', value: { type: 'color-text' } }]
  return [{ id: 'unit', value: unit }, ...colors]
}
