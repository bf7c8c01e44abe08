import {
  GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode, LegendPlacement, SortOrder,
  StackingConfigBuilder, StackingMode, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { buildQuery } from './query.js'
import type { Query } from './query.js'
import { applySettings } from './settings.js'
import type { PanelSettings } from './settings.js'
import { buildThresholds } from './thresholds.js'
import type { Thresholds } from './thresholds.js'

const buildLegend = (placement: LegendPlacement): VizLegendOptionsBuilder => new VizLegendOptionsBuilder()
  .showLegend(true)
  .displayMode(LegendDisplayMode.Table)
  .placement(placement)
  .calcs(['lastNotNull', 'max'])
  .sortBy('Last *')
  .sortDesc(true)

/** Places the names of the lines on the right. Below the lines, only about three of them are visible. */
export const withLegendRight = (panel: TimeseriesPanel): TimeseriesPanel =>
  panel.legend(buildLegend(LegendPlacement.Right))

/** Lines over time, with a table of their names below. */
export function timeseries (settings: PanelSettings, queries: readonly Query[]): TimeseriesPanel {
  return applySettings(new TimeseriesPanel(), settings, 8)
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Auto)
    .legend(buildLegend(LegendPlacement.Bottom))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(queries.map(query => buildQuery(query).range()))
}

/** Stacked areas; the upper edge is the sum. */
export const stackedTimeseries = (settings: PanelSettings, queries: readonly Query[]): TimeseriesPanel =>
  timeseries(settings, queries)
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))

/** Lines with exemplars. A click on an exemplar opens its trace if the service has traces. */
export const timeseriesWithExemplars = (settings: PanelSettings, queries: readonly Query[]): TimeseriesPanel =>
  timeseries(settings, []).targets(queries.map(query => buildQuery(query).range().exemplar(true)))

/** Draws the thresholds as dashed lines. */
export const withThresholdLines = (panel: TimeseriesPanel, thresholds: Thresholds): TimeseriesPanel => panel
  .thresholds(buildThresholds(thresholds))
  .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))

/** Sets a fixed colour for the series whose names match a regular expression. */
export function withColors (
  panel: TimeseriesPanel, colors: ReadonlyArray<readonly [regexp: string, color: string]>
): TimeseriesPanel {
  for (const [regexp, color] of colors) {
    const value = new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color).build()
    panel.overrideByRegexp(regexp, [{ id: 'color', value }])
  }
  return panel
}
