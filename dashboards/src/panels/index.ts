export { heatmap } from './heatmap.js'
export { buildQuery, meanAndQuantiles } from './query.js'
export type { Query } from './query.js'
export { applySettings, GRAPH_HEIGHT, PER_MINUTE } from './settings.js'
export type { PanelSettings, Row } from './settings.js'
export { stat, withLink } from './stat.js'
export { text } from './text.js'
export { buildThresholds } from './thresholds.js'
export type { Thresholds } from './thresholds.js'
export {
  stackedTimeseries, timeseries, timeseriesWithExemplars, withColors, withLegendRight, withoutNone, withShades,
  withThresholdLines
} from './timeseries.js'
