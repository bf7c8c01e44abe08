import { PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { FieldConfigSource, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { requestRateSeries, WINDOW } from '../objectives.js'
import type { Objective } from '../objectives.js'
import { timeseries, withThresholdLines } from '../panels/index.js'
import { orZero, select, selectOfJobs, sum } from '../promql.js'
import { budget, NO_UPGRADES } from '../requests.js'

/** The recorded windows that are added up. They are as long as the step, so each request is in exactly one of them. */
const [STEP, STEP_SECONDS] = ['5m', 300]

/**
 * The share of the error budget that was left at each point of time, of the 30 days before it.
 *
 * A line of `budgetLeft` would read the counters of 30 days at each of its points. This adds up the bad requests of two
 * recorded series. The budget is a share of the requests of 30 days, which the counters also have from before the rules
 * were loaded: compared with the recorded requests alone, the first incident would exceed any budget. `@ end()` lets
 * Prometheus count them once for the whole line. Before the first full step, the bad requests of the last 5 minutes are
 * all that is known.
 */
export function budgetLeftOverTime (objective: Objective): string {
  const badRatio = select(objective.recordedSeries(STEP))
  const requests = select(requestRateSeries(STEP))
  const badRate = `${badRatio} * ${requests}`
  const bad = `${STEP_SECONDS} * (sum_over_time((${badRate})[${WINDOW}:${STEP}]) or ${badRate})`
  return `1 - ${bad} / on (job) clamp_min(${allRequests}, 1) / ${budget(objective)}`
}

// Recorded series are for the whole job, so all its requests count.
const allRequests = orZero(
  sum(`increase(${selectOfJobs('dynoai_requests_total', NO_UPGRADES)}[${WINDOW}] @ end())`, ['job']), ['job']
)

/** The error budget that is left over time. */
export const budgetLine = (objective: Objective, width: number): Builder<Panel> =>
  withoutMinimum(withThresholdLines(timeseries({
    title: `${objective.name}: budget left over time`,
    description: 'Share of the error budget that was left, of the 30 days before each point of the line. It falls ' +
      'during an incident, and rises when an incident is older than 30 days. The budget is computed from the ' +
      'requests of the 30 days before the end. For the whole job, from the recording rules. If they were loaded ' +
      'less than 30 days ago, the line begins at 100 % when they were loaded, and is higher than "budget left", ' +
      'which also counts earlier bad requests.',
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
