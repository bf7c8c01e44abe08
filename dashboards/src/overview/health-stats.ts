import { NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { FIRING } from '../annotations.js'
import { stat } from '../panels/index.js'
import { avg, doesNotMatch, filterRecentInstances, increase, max, orZero, RECENT, select, sum } from '../promql.js'
import { CHOSEN_ROUTE } from '../variables.js'
import { HEIGHT, WIDTH } from './stat-size.js'

const refusedScrapes = increase('dynoai_metrics_scrapes_total', { status: doesNotMatch('200') }, RECENT)
const exceptions = increase('dynoai_request_exceptions_total', CHOSEN_ROUTE, RECENT)
const faults = ['errors', 'overflow'].map(kind => orZero(sum(increase(`dynoai_metrics_${kind}_total`, {}, RECENT))))

interface Count {
  readonly title: string
  readonly description: string
  readonly expr: string
  readonly legend: string
  /** The colour from 1 on. */
  readonly color: string
}

/** A number of events that should be 0. */
const count = ({ title, description, expr, legend, color }: Count) => stat(
  { title, description, unit: NoUnit, noValue: 'Not scraped', width: WIDTH },
  { queries: [{ expr, legend }], thresholds: ['green', [1, color]], decimals: 0 }
).height(HEIGHT)

export const firingAlerts = count({
  title: 'Firing alerts',
  description: 'Alerts of the rules of dynoai-metrics that fire for the chosen jobs. 0 also if the rules are not ' +
    'loaded.',
  expr: orZero(`count(${max(select('ALERTS', FIRING), ['alertname', 'job', 'instance', 'severity'])})`),
  legend: 'Firing',
  color: 'red'
})

export const targetsUp = stat({
  title: 'Targets up',
  description: 'Share of the instances whose last scrape succeeded. Instances without a successful scrape in the ' +
    'last day are not counted.',
  unit: PercentUnit,
  noValue: 'No instance in a day',
  width: WIDTH
}, {
  queries: [{ expr: avg(filterRecentInstances(select('up'))), legend: 'Up' }],
  thresholds: ['red', [1, 'green']],
  decimals: 0
}).height(HEIGHT)

export const scrapeRefusals = count({
  title: 'Bad scrapes',
  description: 'Requests to the endpoint in the last 5 minutes, of any client, that had another response than 200: a ' +
    'wrong token, too many scrapes at a time, a failure. Those of Prometheus leave gaps in these panels.',
  expr: orZero(sum(refusedScrapes)),
  legend: 'Refused',
  color: 'orange'
})

export const exceptionCount = count({
  title: 'Exceptions',
  description: 'Requests in the last 5 minutes that ended in 5xx because of an error that the application threw or ' +
    'sent.',
  expr: orZero(sum(exceptions)),
  legend: 'Exceptions',
  color: 'orange'
})

export const metricFaults = count({
  title: 'Metric faults',
  description: 'Values in the last 5 minutes that the metrics could not record, or recorded without their labels ' +
    'because there are too many series. The log of the service names the metric.',
  expr: faults.join(' + '),
  legend: 'Faults',
  color: 'orange'
})
