import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { mean, quantile } from '../promql.js'
import type { HistogramQuery } from '../promql.js'
import { DATASOURCE } from '../variables.js'

/** One query of a panel. */
export interface Query {
  readonly expr: string
  readonly legend: string
}

export const buildQuery = ({ expr, legend }: Query): DataqueryBuilder =>
  new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend)

/** Queries for several quantiles of a histogram. */
const quantileQueries = (quantiles: readonly number[], query: HistogramQuery): Query[] =>
  quantiles.map(q => ({ expr: quantile(q, query), legend: `p${q * 100}` }))

/**
 * Queries for the mean and several quantiles of a histogram. Where most values are below the first bound, a median
 * would be an interpolation between 0 and that bound. The mean is computed from what was observed.
 */
export const meanAndQuantiles = (quantiles: readonly number[], query: HistogramQuery): Query[] =>
  [{ expr: mean(query), legend: 'Mean' }, ...quantileQueries(quantiles, query)]
