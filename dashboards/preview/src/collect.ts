import { substitute } from '../../../test/fixtures/dashboards/expressions.js'
import type { Prometheus, PrometheusSeries, Range } from './prometheus.js'
import type { Annotation, AnnotationJson, DashboardJson, PanelJson, QueryResult, Series, Snapshot } from './snapshot.js'

/** All values of every variable. */
const ALL = { job: [], instance: [], route: [] }

/** Runs the queries of a dashboard with every variable at All. */
export async function collectSnapshot (
  prometheus: Prometheus, dashboard: DashboardJson, range: Range
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
  const findAnnotations = async (annotation: AnnotationJson): Promise<Annotation[]> => {
    const { iconColor: color, useValueForTime = false } = annotation
    const found = await prometheus.queryRange(withoutVariables(annotation.expr), range)
    const points = found.flatMap(series => toSeries(series, '').points)
    const unique = new Set(points.map(([time, value]) => useValueForTime ? value : time))
    return [...unique].filter(time => time >= 1000 * start && time <= 1000 * end).map(time => ({ time, color }))
  }

  return {
    title,
    from: 1000 * start,
    to: 1000 * end,
    step: 1000 * step,
    variables: templating.list.map(({ label, type }) =>
      ({ label, value: type === 'datasource' ? 'Prometheus' : 'All' })),
    links: links.map(link => link.title),
    panels: await Promise.all(panels.map(async panel => ({ panel, results: await runQueries(panel) }))),
    annotations: (await Promise.all(annotations.list.map(findAnnotations))).flat()
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
