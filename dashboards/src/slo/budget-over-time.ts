import { PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { FieldConfigSource, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { requestRateSeries, WINDOW } from '../objectives.js'
import type { Objective } from '../objectives.js'
import { timeseries, withThresholdLines } from '../panels/index.js'
import { select } from '../promql.js'
import { budget } from '../requests.js'

/** The recorded windows that are added up. They are as long as the step, so each request is in exactly one of them. */
const STEP = '5m'

/**
 * The share of the error budget that was left at each point of time, of the 30 days before it.
 *
 * A line of `budgetLeft` would read the counters of 30 days at each of its points. This reads two recorded series, once
 * for the whole line: 0.2 s for three services, as measured with Prometheus 2.42 and 3.16. Each recorded ratio counts
 * as much as its number of requests. Before the first full step, the ratio of the last 5 minutes is all that is known.
 */
export function budgetLeftOverTime (objective: Objective): string {
  const badRatio = select(objective.recordedSeries(STEP))
  const requests = select(requestRateSeries(STEP))
  const total = (expr: string): string => `sum_over_time((${expr})[${WINDOW}:${STEP}])`
  const badShare = `${total(`${badRatio} * ${requests}`)} / (${total(requests)} > 0) or ${badRatio}`
  return `1 - (${badShare}) / ${budget(objective)}`
}

/** The error budget that is left over time. */
export const budgetLine = (objective: Objective, width: number): Builder<Panel> =>
  withoutMinimum(withThresholdLines(timeseries({
    title: `${objective.name}: budget left over time`,
    description: 'Share of the error budget that was left, of the 30 days before each point of the line. It falls ' +
      'during an incident, and rises when an incident is older than 30 days. For the whole job, from the recording ' +
      'rules: what happened before they were loaded is not counted.',
    unit: PercentUnit,
    noValue: 'Rules not loaded',
    width
  }, [{ expr: budgetLeftOverTime(objective), legend: '{{job}}' }]), ['transparent', [0, 'red']])
    .max(1).axisSoftMin(0))

/** Lets the axis show values below 0, because a budget can be exceeded. */
const withoutMinimum = (panel: TimeseriesPanel): Builder<Panel> => ({
  build () {
    const built = panel.build()
    const { defaults: { min, ...defaults }, overrides } = built.fieldConfig as FieldConfigSource
    return { ...built, fieldConfig: { defaults, overrides } }
  }
})
