import type { Prometheus, PrometheusSeries } from './prometheus.js'

/** The values of labels that have more than two, or whose values matter. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  alertname: ['DynoaiAvailabilityBudgetBurn'],
  alert: ['AvailabilityBudgetBurn', 'DescriptorsRunningOut'],
  target: ['dynoai', 'dynoai-2:5001'],
  job: ['dynoai'],
  instance: ['dynoai-1:5001', 'dynoai-2:5001'],
  worker: [''],
  version: ['1.4.2', '1.5.0'],
  method: ['GET', 'POST'],
  path: ['/api/analyze', '/api/status/:runId', '/api/virtual-tune/status/:id', '__unmatched__'],
  status: ['200', '404', '500'],
  source: ['upload', 'jetstream', 'simulator'],
  le: ['0.1', '0.5', '1.0', '+Inf'],
  kind: ['major', 'minor', 'incremental'],
  state: ['live', 'stale', 'gone'],
  severity: ['page', 'ticket']
}

/** Answers each query with invented series that have the labels of the expression. To check drawing without a run. */
export const synthetic: Pick<Prometheus, 'query' | 'queryRange'> = {
  query: async (expr, time) => inventSeries(expr).map((metric, i): PrometheusSeries =>
    ({ metric, value: [time, invent(i, time)] })),
  queryRange: async (expr, { start, end, step }) => {
    const all = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step)
    // What begins has one value. More would cover the plots with annotations.
    const times = / unless /.test(expr) ? all.slice(0, 1) : all
    return inventSeries(expr).map((metric, i): PrometheusSeries =>
      ({ metric, values: times.map(time => [time, invent(i, time)]) }))
  }
}

/**
 * Returns the labels of each series: all combinations of those of the outermost aggregation, otherwise of a target. The
 * bounds are not among those of a quantile.
 */
function inventSeries (expr: string): Array<Record<string, string>> {
  const [, , labels = ''] = /\b(sum|max|min|avg|count|group)\b ?(?:by \(([\w, ]+)\))?/.exec(expr) ??
    ['', '', 'job, instance']
  const isQuantile = expr.includes('histogram_quantile(')
  let all: Array<Record<string, string>> = [{}]
  for (const label of labels.split(/, */).filter(label => label !== '' && !(isQuantile && label === 'le'))) {
    const values = VALUES[label] ?? [`${label} 1`, `${label} 2`]
    all = all.flatMap(labels => values.map(value => ({ ...labels, [label]: value })))
  }
  return all
}

const invent = (series: number, time: number): string => String(Math.max(0, (series + 1) * Math.sin(time / 30)))
