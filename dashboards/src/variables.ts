import { DatasourceVariableBuilder, QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard'
import { like, select } from './promql.js'

/** Where every query goes. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } // eslint-disable-line no-template-curly-in-string -- Grafana's

function labelValues (name: string, label: string, description: string, series: string, of: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${series}, ${of})`, refId: name })
    .definition(`label_values(${series}, ${of})`)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: ['All'], value: ['$__all'] })
    // Routes and instances come and go while a dashboard is open.
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
}

/** The variables that all dashboards share, so that a link takes them along. */
export const commonVariables = (): Array<DatasourceVariableBuilder | QueryVariableBuilder> => [
  new DatasourceVariableBuilder('datasource').label('Data source').description('The Prometheus that scrapes the service').type('prometheus'),
  // All jobs that dynoai-metrics measures, whatever is chosen already.
  labelValues('job', 'Job', 'Services', 'dynoai_exporter_info', 'job'),
  labelValues('instance', 'Instance', 'Processes of the service', 'dynoai_exporter_info{job=~"$job"}', 'instance')
]

export const routeVariable = (): QueryVariableBuilder =>
  labelValues('route', 'Route', 'Templates of routes that have had a request', select('dynoai_request_duration_seconds_count'), 'path')

export const onRoute = { path: like('$route') }

/** The overview for the route clicked on, with data source, job, instance and time as they are. */
export const ROUTE_ON_OVERVIEW =
  '/d/dynoai-overview?${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&var-route=${__value.raw:percentencode}&${__url_time_range}' // eslint-disable-line no-template-curly-in-string -- Grafana's
