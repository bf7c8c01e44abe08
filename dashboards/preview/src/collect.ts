import { readFileSync } from 'node:fs'
import { substitute } from '../../../test/fixtures/dashboards/expressions.js'
import { toAnnotations } from './annotations.js'
import type { Prometheus, PrometheusSeries, Range } from './prometheus.js'
import type {
  Annotation, AnnotationJson, DashboardJson, PanelJson, QueryResult, Series, Snapshot, Snapshots
} from './snapshot.js'

const DASHBOARDS = ['dynoai-dashboard', 'dynoai-slo', 'dynoai-node'] as const
/** All values of every variable. */
const ALL = { job: [], instance: [], route: [] }

/** What answers queries. */
type QueryApi = Pick<Prometheus, 'query' | 'queryRange'>

/** Runs the queries of all committed dashboards. */
export async function collectAll (prometheus: QueryApi, range: Range): Promise<Snapshots> {
  const collected: Snapshots = {}
  for (const name of DASHBOARDS) {
    const dashboard = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8')) as DashboardJson
    collected[name] = await collectSnapshot(prometheus, dashboard, range)
  }
  return collected
}

/** Runs the queries of a dashboard with every variable at All. */
async function collectSnapshot (
  prometheus: QueryApi, dashboard: DashboardJson, range: Range
): Promise<Snapshot> {
  const { title, links, panels, annotations, templating } = dashboard
  const { start, end, step } = range
  const times = { __interval: `${step}s`, __rate_interval: `${4 * step}s`, __range: `${end - start}s` }
  const withoutVariables = (expr: string) => substitute(expr, ALL, times)

  const runQueries = ({ targets = [] }: PanelJson): Promise<QueryResult[]> => Promise.all(targets.map(async target => {
    const { refId, legendFormat = '', format = 'time_series', instant = false } = target
    const expr = withoutVariables(target.expr)
    const found = await (instant ? prometheus.query(expr, end) : prometheus.queryRange(expr, range))
    return { refId, format, series: found.map(series => toSeries(series, legendFormat)) }
  }))
  const findAnnotations = async (json: AnnotationJson): Promise<Annotation[]> =>
    toAnnotations(json, await prometheus.queryRange(withoutVariables(json.expr), range), range)

  return {
    title,
    from: 1000 * start,
    to: 1000 * end,
    step: 1000 * step,
    variables: templating.list.map(({ label, type }) =>
      ({ label, value: type === 'datasource' ? 'Prometheus' : 'All' })),
    links: links.map(link => link.title),
    panels: await Promise.all(panels.map(async panel => ({ panel, results: await runQueries(panel) }))),
    annotations: (await Promise.all(annotations.list.map(findAnnotations))).flat(),
    switches: annotations.list.map(({ name }) => name)
  }
}

/** Returns the titles of panels that have queries but no data. */
export const findEmptyPanels = ({ panels }: Snapshot): string[] => panels
  .filter(({ results }) => results.length > 0 && results.every(({ series }) => series.length === 0))
  .map(({ panel }) => panel.title)

function toSeries (series: PrometheusSeries, legendFormat: string): Series {
  const { metric, value, values = value === undefined ? [] : [value] } = series
  return {
    legend: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
    labels: metric,
    points: values.map(([time, number]) => [1000 * time, Number(number)])
  }
}
