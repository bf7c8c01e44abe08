import {
  DatasourceVariableBuilder, QueryVariableBuilder, VariableRefresh, VariableSort
} from '@grafana/grafana-foundation-sdk/dashboard'
import { matches } from './promql.js'
import type { Matchers } from './promql.js'

/** The data source of every query. */
// eslint-disable-next-line no-template-curly-in-string -- a Grafana variable
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

interface LabelValues {
  readonly name: string
  readonly title: string
  readonly description: string
  /** The series and the label whose values are listed. */
  readonly series: string
  readonly label: string
}

function labelValues ({ name, title, description, series, label }: LabelValues): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(title)
    .description(description)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${series}, ${label})`, refId: name })
    .definition(`label_values(${series}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: ['All'], value: ['$__all'] })
    // Routes and instances appear and disappear while a dashboard is open.
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
}

/** The variables that all dashboards share, so a link between dashboards keeps their values. */
export const commonVariables = (): Array<DatasourceVariableBuilder | QueryVariableBuilder> => [
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes the service')
    .type('prometheus'),
  labelValues({
    name: 'job',
    title: 'Job',
    description: 'Services',
    // Does not use `select`, because the list of jobs must not depend on the chosen job.
    series: 'dynoai_exporter_info',
    label: 'job'
  }),
  labelValues({
    name: 'instance',
    title: 'Instance',
    description: 'Processes of the service',
    series: 'dynoai_exporter_info{job=~"$job"}',
    label: 'instance'
  })
]

export const routeVariable = (): QueryVariableBuilder => labelValues({
  name: 'route',
  title: 'Route',
  description: 'Templates of routes that have had a request',
  // The count of a classic histogram, or a native one.
  series: '{__name__=~"dynoai_request_duration_seconds(_count)?",job=~"$job",instance=~"$instance"}',
  label: 'path'
})

export const CHOSEN_ROUTE: Matchers = { path: matches('$route') }

/* eslint-disable no-template-curly-in-string -- Grafana variables */
const CHOSEN = '${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}'

/** The overview of the clicked route, with the same data source, job, instance and time. */
export const ROUTE_ON_OVERVIEW_URL = `/d/dynoai-overview?${CHOSEN}&var-route=\${__value.raw:percentencode}`
/* eslint-enable no-template-curly-in-string */

/** The service levels, with the same data source, job, instance and time. */
export const SERVICE_LEVELS_URL = `/d/dynoai-slo?${CHOSEN}`
