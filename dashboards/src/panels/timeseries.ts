import {
  GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode, LegendPlacement, SortOrder,
  StackingConfigBuilder, StackingMode, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { buildQuery } from './query.js'
import type { Query } from './query.js'
import { applySettings, GRAPH_HEIGHT } from './settings.js'
import type { PanelSettings } from './settings.js'
import { buildThresholds } from './thresholds.js'
import type { Thresholds } from './thresholds.js'

function buildLegend (placement: LegendPlacement, calcs: string[]): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(placement)
    .calcs(calcs)
    .sortBy('Last *')
    .sortDesc(true)
}

/**
 * Places the names of the lines on the right. Below the lines, only three of them are visible. Without the maximum, a
 * panel of half the width has space for names and lines at a width of 1000 pixels.
 */
export const withLegendRight = (panel: TimeseriesPanel): TimeseriesPanel =>
  panel.legend(buildLegend(LegendPlacement.Right, ['lastNotNull']))

/** Lines over time, with a table of their names below. */
export function timeseries (settings: PanelSettings, queries: readonly Query[]): TimeseriesPanel {
  return applySettings(new TimeseriesPanel(), settings, GRAPH_HEIGHT)
    .min(0)
    .lineWidth(1)
    // Areas that are not stacked would cover each other.
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .legend(buildLegend(LegendPlacement.Bottom, ['lastNotNull', 'max']))
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

/** Draws all series in shades of one colour. */
export const withShades = (panel: TimeseriesPanel, color: string): TimeseriesPanel =>
  panel.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor(color))

/** Hides the line of the series `none`, which only says in the legend that there is no other. */
export const withoutNone = (panel: TimeseriesPanel): TimeseriesPanel => withColors(panel, [['^none ?$', 'transparent']])
