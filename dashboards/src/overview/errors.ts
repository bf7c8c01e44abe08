import { DurationSeconds, NoUnit, RequestsPerSecond } from '@grafana/grafana-foundation-sdk/units'
import { FIRING, OUR_ALERTS } from '../annotations.js'
import { stackedTimeseries, withLegendRight } from '../panels/index.js'
import { max, orNone, rate, select, sum } from '../promql.js'
import { CLIENT_ERRORS, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { table } from '../tables.js'
import { CHOSEN_ROUTE } from '../variables.js'

const activeFor = `time() - ${select('ALERTS_FOR_STATE', OUR_ALERTS)} ` +
  `and ignoring (alertstate) ${select('ALERTS', FIRING)}`

export const alerts = table({
  title: 'Alerts that fire',
  description: 'Alerts of the rules of dynoai-metrics that fire for the chosen jobs, and since when their condition ' +
    'holds. Also empty if the rules are not loaded. The runbook has a section for each.',
  unit: NoUnit,
  noValue: 'No alert fires',
  width: 12
}, {
  labels: [
    { title: 'Alert', label: 'alertname' },
    { title: 'Severity', label: 'severity' },
    { title: 'Instance', label: 'instance' },
    { title: 'Job', label: 'job' }
  ],
  values: [{
    title: 'Active for', expr: max(activeFor, ['alertname', 'severity', 'instance', 'job']), unit: DurationSeconds
  }],
  sortBy: 'Active for',
  pageRows: 6
})

const allRequests = rate(REQUESTS, CHOSEN_ROUTE)
const serverErrors = sum(rate(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }), ['path'])
const exceptions = sum(rate('dynoai_request_exceptions_total', CHOSEN_ROUTE), ['path'])
const clientErrors = sum(rate(REQUESTS, { ...CLIENT_ERRORS, ...CHOSEN_ROUTE }), ['path', 'status'])

export const serverErrorsByRoute = withLegendRight(stackedTimeseries({
  title: 'Server errors by route',
  description: 'Requests with a 5xx response. Only routes that have had one, those that fail most now first.',
  unit: RequestsPerSecond,
  noValue: 'No requests',
  width: 12
}, [{ expr: orNone(serverErrors, 'path', allRequests), legend: '{{path}}' }]))

export const exceptionsByRoute = withLegendRight(stackedTimeseries({
  title: 'Exceptions by route',
  description: 'Requests that ended in 5xx because of an error that the application threw or sent. Server errors ' +
    'without an exception are responses that the application chose, such as 503.',
  unit: RequestsPerSecond,
  noValue: 'No requests',
  width: 12
}, [{ expr: orNone(exceptions, 'path', allRequests), legend: '{{path}}' }]))

export const clientErrorsByRoute = withLegendRight(stackedTimeseries({
  title: 'Client errors by route',
  description: 'Requests with a 4xx response, by route and status. Many 404 on __unmatched__ are scanners. 413 and ' +
    '422 are logs that cannot be read. 499 are clients that disconnect.',
  unit: RequestsPerSecond,
  noValue: 'No client errors',
  width: 24
}, [{ expr: clientErrors, legend: '{{status}} {{path}}' }])).height(12)
