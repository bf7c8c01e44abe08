import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode, BigValueGraphMode, GraphThresholdsStyleMode, LegendDisplayMode, LegendPlacement, ReduceDataOptionsBuilder, ScaleDistribution,
  ScaleDistributionConfigBuilder, SortOrder, StackingConfigBuilder, StackingMode, GraphThresholdsStyleConfigBuilder, TooltipDisplayMode,
  VisibilityMode, VizLegendOptionsBuilder, VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapPanel, CellValuesBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { DATASOURCE } from './variables.js'

/** What every panel says about itself. */
export interface PanelText {
  readonly title: string
  readonly description: string
  readonly unit: string
  /** Shown in place of a value where there is none. */
  readonly noValue: string
  /** Columns of 24. */
  readonly width: number
}

/** One expression of a panel. */
export interface Query {
  readonly expr: string
  readonly legend: string
}

/** A colour, and from which value on each other one holds. */
export type Thresholds = readonly [base: string, ...steps: Array<readonly [from: number, color: string]>]

export const thresholds = ([base, ...steps]: Thresholds): ThresholdsConfigBuilder => new ThresholdsConfigBuilder()
  .mode(ThresholdsMode.Absolute)
  .steps([{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))])

/** A builder of any kind of panel with a value. */
interface ValuePanel {
  title (title: string): this
  description (description: string): this
  datasource (datasource: typeof DATASOURCE): this
  unit (unit: string): this
  noValue (text: string): this
  height (rows: number): this
  span (columns: number): this
}

/** A panel that says about itself what every panel must. */
export const described = <P extends ValuePanel>(panel: P, { title, description, unit, noValue, width }: PanelText, height: number): P => panel
  .title(title)
  .description(description)
  .datasource(DATASOURCE)
  .unit(unit)
  .noValue(noValue)
  .height(height)
  .span(width)

const query = (expr: string, legend: string): DataqueryBuilder => new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend)

/** A number as it is now, or at the end of the time shown: a range would go on showing what has ended long ago. */
export function stat (text: PanelText, queries: readonly Query[], steps: Thresholds, decimals?: number): StatPanel {
  const panel = described(new StatPanel(), text, 4)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(steps))
    .targets(queries.map(({ expr, legend }) => query(expr, legend).instant()))
  return decimals === undefined ? panel : panel.decimals(decimals)
}

/** Lines over time, named by a table below them. */
export function timeseries (text: PanelText, queries: readonly Query[]): TimeseriesPanel {
  return described(new TimeseriesPanel(), text, 8)
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Auto)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.Table).placement(LegendPlacement.Bottom).calcs(['lastNotNull', 'max']))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(queries.map(({ expr, legend }) => query(expr, legend).range()))
}

/** Areas on top of each other, whose upper edge is the sum. */
export const stacked = (text: PanelText, queries: readonly Query[]): TimeseriesPanel =>
  timeseries(text, queries).fillOpacity(40).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))

/** Lines of several quantiles; a click on an exemplar leads to its trace where the service has traces. */
export const percentiles = (text: PanelText, queries: readonly Query[]): TimeseriesPanel =>
  timeseries(text, []).targets(queries.map(({ expr, legend }) => query(expr, legend).range().exemplar(true)))

/** Lines beside limits, which are drawn dashed. */
export const limited = (panel: TimeseriesPanel, steps: Thresholds): TimeseriesPanel => panel
  .thresholds(thresholds(steps))
  .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))

/** How many events of each size over time; `expr` is a rate of buckets by `le`. */
export function heatmap (text: PanelText, expr: string, cellUnit: string): HeatmapPanel {
  return described(new HeatmapPanel(), text, 8)
    .yAxis(new YAxisConfigBuilder().unit(text.unit))
    .cellValues(new CellValuesBuilder().unit(cellUnit))
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').exponent(0.5).steps(64))
    .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Linear))
    .targets([query(expr, '{{le}}').range().format(PromQueryFormat.Heatmap)])
}

/** Words beside the panels. */
export function note (title: string, description: string, content: string, height: number): TextPanel {
  return new TextPanel().title(title).description(description).height(height).span(24).content(content)
}

/** A fixed colour for what a regular expression names. */
export const colored = (panel: TimeseriesPanel, colors: ReadonlyArray<readonly [regexp: string, color: string]>): TimeseriesPanel => {
  for (const [regexp, color] of colors) {
    panel.overrideByRegexp(regexp, [{ id: 'color', value: new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color).build() }])
  }
  return panel
}

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: ReadonlyArray<Builder<Panel>>
}
