import { ScaleDistribution, ScaleDistributionConfigBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  CellValuesBuilder, HeatmapColorMode, HeatmapColorOptionsBuilder, HeatmapColorScale, PanelBuilder as HeatmapPanel,
  YAxisConfigBuilder
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { RequestsPerSecond } from '@grafana/grafana-foundation-sdk/units'
import { bucketRates } from '../promql.js'
import type { HistogramQuery } from '../promql.js'
import { buildQuery } from './query.js'
import { applySettings, GRAPH_HEIGHT, PER_MINUTE } from './settings.js'
import type { PanelSettings } from './settings.js'

/** The number of events of each size over time, per second or per minute. */
export function heatmap (
  settings: PanelSettings, query: HistogramQuery, per: 'second' | 'minute'
): HeatmapPanel {
  const expr = bucketRates(query, per === 'second' ? 1 : 60)
  const cellUnit = per === 'second' ? RequestsPerSecond : PER_MINUTE
  // Grafana applies the exponent only to the opacity. On a linear scale, all but the fullest bucket would look empty.
  const color = new HeatmapColorOptionsBuilder()
    .mode(HeatmapColorMode.Opacity)
    .fill('orange')
    .scale(HeatmapColorScale.Exponential)
    .exponent(0.3)
    .steps(64)
  return applySettings(new HeatmapPanel(), settings, GRAPH_HEIGHT)
    .yAxis(new YAxisConfigBuilder().unit(settings.unit))
    .cellValues(new CellValuesBuilder().unit(cellUnit))
    .color(color)
    .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Linear))
    .targets([buildQuery({ expr, legend: '{{le}}' }).range().format(PromQueryFormat.Heatmap)])
}
