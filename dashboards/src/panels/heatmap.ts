import { ScaleDistribution, ScaleDistributionConfigBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  CellValuesBuilder, HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapPanel,
  YAxisConfigBuilder
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { RequestsPerSecond } from '@grafana/grafana-foundation-sdk/units'
import { bucketRates } from '../promql.js'
import type { HistogramQuery } from '../promql.js'
import { buildQuery } from './query.js'
import { applySettings, PER_MINUTE } from './settings.js'
import type { PanelSettings } from './settings.js'

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
