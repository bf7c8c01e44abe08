import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode, BigValueGraphMode, GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode,
  LegendPlacement, ReduceDataOptionsBuilder, ScaleDistribution, ScaleDistributionConfigBuilder, SortOrder,
  StackingConfigBuilder, StackingMode, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder, FieldColorModeId, ThresholdsConfigBuilder, ThresholdsMode
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { DashboardLink, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  CellValuesBuilder, HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapPanel, YAxisConfigBuilder
} from '@grafana/grafana-foundation-sdk/heatmap'
import { RequestsPerSecond } from '@grafana/grafana-foundation-sdk/units'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { bucketRates, mean, quantile } from './promql.js'
import type { HistogramQuery } from './promql.js'
import { DATASOURCE } from './variables.js'

/** A unit. Grafana's own one for counts per minute is written c/m. */
export const PER_MINUTE = 'suffix:/min'

/** The settings that every panel with data has. */
export interface PanelSettings {
  readonly title: string
  readonly description: string
  readonly unit: string
  /** Shown instead of a value if there is no data. */
  readonly noValue: string
  /** In columns; a row has 24. */
  readonly width: number
}

/** One query of a panel. */
export interface Query {
  readonly expr: string
  readonly legend: string
}

/** A base colour, and the colours that replace it from a value on. */
export type Thresholds = readonly [base: string, ...steps: Array<readonly [from: number, color: string]>]

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: ReadonlyArray<Builder<Panel>>
}

/** A builder of a panel with data, of any type. */
interface DataPanel {
  title (title: string): this
  description (description: string): this
  datasource (datasource: typeof DATASOURCE): this
  unit (unit: string): this
  noValue (text: string): this
  height (rows: number): this
  span (columns: number): this
}

/** Applies the settings that every panel with data has. `height` is in units of Grafana's grid. */
export const applySettings = <P extends DataPanel>(panel: P, settings: PanelSettings, height: number): P => panel
  .title(settings.title)
  .description(settings.description)
  .datasource(DATASOURCE)
  .unit(settings.unit)
  .noValue(settings.noValue)
  .height(height)
  .span(settings.width)

export const buildThresholds = ([base, ...steps]: Thresholds): ThresholdsConfigBuilder => new ThresholdsConfigBuilder()
  .mode(ThresholdsMode.Absolute)
  .steps([{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))])

export const buildQuery = ({ expr, legend }: Query): DataqueryBuilder =>
  new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend)

/** Queries for several quantiles of a histogram. */
export const quantileQueries = (quantiles: readonly number[], query: HistogramQuery): Query[] =>
  quantiles.map(q => ({ expr: quantile(q, query), legend: `p${q * 100}` }))

/**
 * Queries for the mean and several quantiles of a histogram. Where most values are below the first bound, a median
 * would be an interpolation between 0 and that bound. The mean is computed from what was observed.
 */
export const meanAndQuantiles = (quantiles: readonly number[], query: HistogramQuery): Query[] =>
  [{ expr: mean(query), legend: 'Mean' }, ...quantileQueries(quantiles, query)]

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

/** The number of events of each size over time, per second or per minute. */
export function heatmap (
  settings: PanelSettings, query: HistogramQuery, per: 'second' | 'minute'
): HeatmapPanel {
  const expr = bucketRates(query, per === 'second' ? 1 : 60)
  const cellUnit = per === 'second' ? RequestsPerSecond : PER_MINUTE
  const color = new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').exponent(0.5).steps(64)
  return applySettings(new HeatmapPanel(), settings, 8)
    .yAxis(new YAxisConfigBuilder().unit(settings.unit))
    .cellValues(new CellValuesBuilder().unit(cellUnit))
    .color(color)
    .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Linear))
    .targets([buildQuery({ expr, legend: '{{le}}' }).range().format(PromQueryFormat.Heatmap)])
}

interface TextOptions {
  readonly title: string
  readonly description: string
  /** Markdown. */
  readonly content: string
  readonly height: number
}

/** A text over the full width. */
export function text ({ title, description, content, height }: TextOptions): TextPanel {
  return new TextPanel().title(title).description(description).height(height).span(24).content(content)
}

/** Opens an address when the number is clicked. */
export const withLink = (panel: StatPanel, { title, url }: { readonly title: string, readonly url: string }) =>
  panel.dataLinks([{ build: () => ({ title, url, targetBlank: false }) as DashboardLink }])

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
