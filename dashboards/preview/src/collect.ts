import { substitute } from '../../../test/fixtures/dashboards/expressions.js'
import type { DashboardJson, Mark, PanelJson, Picture, Result, Series } from './picture.js'
import type { Answer, Prometheus } from './prometheus.js'

/** Seconds. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

const ALL = { job: [], instance: [], route: [] }

/** Asks what a dashboard asks, every variable at All. */
export async function collect (prometheus: Prometheus, dashboard: DashboardJson, range: Range): Promise<Picture> {
  const { title, links, panels, annotations, templating } = dashboard
  const { start, end, step } = range
  const times = { __interval: `${step}s`, __rate_interval: `${4 * step}s`, __range: `${end - start}s` }
  const prepared = (expr: string) => substitute(expr, ALL, times)

  const resultsOf = ({ targets = [] }: PanelJson): Promise<Result[]> => Promise.all(targets.map(async target => {
    const { refId, expr, legendFormat = '', format = 'time_series', instant = false } = target
    const answers = await (instant ? prometheus.query(prepared(expr), end) : prometheus.queryRange(prepared(expr), range))
    return { refId, format, series: answers.map(answer => toSeries(answer, legendFormat)) }
  }))
  const marksOf = async ({ expr, iconColor, useValueForTime = false }: DashboardJson['annotations']['list'][number]): Promise<Mark[]> => {
    const points = (await prometheus.queryRange(prepared(expr), range)).flatMap(answer => toSeries(answer, '').points)
    const marked = new Set(points.map(([time, value]) => useValueForTime ? value : time))
    return [...marked].filter(time => time >= 1000 * start && time <= 1000 * end).map(time => ({ time, color: iconColor }))
  }

  return {
    title,
    from: 1000 * start,
    to: 1000 * end,
    step: 1000 * step,
    variables: templating.list.map(({ label, type }) => ({ label, value: type === 'datasource' ? 'Prometheus' : 'All' })),
    links: links.map(link => link.title),
    panels: await Promise.all(panels.map(async panel => ({ panel, results: await resultsOf(panel) }))),
    marks: (await Promise.all(annotations.list.map(marksOf))).flat()
  }
}

/** Titles of panels that ask for something and have no answer at all. */
export const emptyPanels = ({ panels }: Picture): string[] =>
  panels.filter(({ results }) => results.length > 0 && results.every(({ series }) => series.length === 0)).map(({ panel }) => panel.title)

const toSeries = ({ metric, value, values = value === undefined ? [] : [value] }: Answer, legendFormat: string): Series => ({
  legend: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
  labels: metric,
  points: values.map(([time, number]) => [1000 * time, Number(number)])
})
