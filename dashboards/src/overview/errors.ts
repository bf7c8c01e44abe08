import { NoUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { FIRING, OUR_ALERTS } from '../annotations.js'
import { stackedTimeseries, withLegendRight, withoutNone, withShades } from '../panels/index.js'
import { max, orNone, rate, rateOfOccurred, rateOrZero, select } from '../promql.js'
import { CLIENT_ERRORS, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { INSTANCE_WIDTH, table } from '../tables.js'
import { CHOSEN_ROUTE } from '../variables.js'

const activeFor = `time() - ${select('ALERTS_FOR_STATE', OUR_ALERTS)} ` +
  `and ignoring (alertstate) ${select('ALERTS', FIRING)}`

// Each name begins with Dynoai, and an alert for a whole job has no instance.
const firing = [['alert', 'alertname', 'Dynoai(.+)'], ['target', 'job', '(.+)'], ['target', 'instance', '(.+)']].reduce(
  (expr, [label, source, pattern]) => `label_replace(${expr}, "${label}", "$1", "${source}", "${pattern}")`, activeFor
)

export const alerts = table({
  title: 'Alerts that fire',
  description: 'Alerts of the rules of dynoai-metrics that fire for the chosen jobs, and since when their condition ' +
    'holds. Also empty if the rules are not loaded. Their names begin with Dynoai; the runbook has a section for ' +
    'each. An alert for all instances has the name of its job.',
  unit: NoUnit,
  noValue: 'No alert fires',
  width: 12
}, {
  labels: [
    { title: 'Alert', label: 'alert' },
    { title: 'Severity', label: 'severity', width: 75 },
    { title: 'Where', label: 'target', width: INSTANCE_WIDTH }
  ],
  values: [{
    title: 'For', expr: max(firing, ['alert', 'severity', 'target']), unit: Seconds, decimals: 1, width: 85
  }],
  sortBy: 'For',
  pageRows: 6
})

const allRequests = rate(REQUESTS, CHOSEN_ROUTE)
const serverErrors = rateOrZero(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }, ['path'])
const exceptions = rateOfOccurred('dynoai_request_exceptions_total', CHOSEN_ROUTE, ['path'])
const clientErrors = rateOrZero(REQUESTS, { ...CLIENT_ERRORS, ...CHOSEN_ROUTE }, ['path', 'status'])

const byRoute = (panel: TimeseriesPanel): TimeseriesPanel => withoutNone(withShades(withLegendRight(panel), 'red'))

export const serverErrorsByRoute = byRoute(stackedTimeseries({
  title: 'Server errors by route',
  description: 'Requests with a 5xx response. Only routes that have had one, those that fail most now first.',
  unit: RequestsPerSecond,
  noValue: 'No requests',
  width: 12
}, [{ expr: orNone(serverErrors, 'path', allRequests), legend: '{{path}}' }]))

export const exceptionsByRoute = byRoute(stackedTimeseries({
  title: 'Exceptions by route',
  description: 'Requests that ended in 5xx because of an error that the application threw or sent. Server errors ' +
    'without an exception are responses that the application chose, such as 503. Only routes that had an exception ' +
    'in the time shown.',
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
