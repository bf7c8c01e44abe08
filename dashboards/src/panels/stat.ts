import { BigValueColorMode, BigValueGraphMode, ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { buildQuery } from './query.js'
import type { Query } from './query.js'
import { applySettings } from './settings.js'
import type { PanelSettings } from './settings.js'
import { buildThresholds } from './thresholds.js'
import type { Thresholds } from './thresholds.js'

interface StatOptions {
  readonly queries: readonly Query[]
  readonly thresholds: Thresholds
  readonly decimals?: number
}

/**
 * The current number, or the number at the end of the time shown. A range query would keep showing values of the past.
 */
export function stat (settings: PanelSettings, { queries, thresholds, decimals }: StatOptions): StatPanel {
  const panel = applySettings(new StatPanel(), settings, 4)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(buildThresholds(thresholds))
    .targets(queries.map(query => buildQuery(query).instant()))
  return decimals === undefined ? panel : panel.decimals(decimals)
}

/** Opens an address when the number is clicked. */
export const withLink = (panel: StatPanel, { title, url }: { readonly title: string, readonly url: string }) =>
  panel.dataLinks([{ build: () => ({ title, url, targetBlank: false }) as DashboardLink }])
