import type { Prometheus, PrometheusSeries } from './prometheus.js'

/** The values of labels that have more than two, or whose values matter. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  job: ['dynoai'],
  instance: ['dynoai-1:5001', 'dynoai-2:5001'],
  worker: [''],
  version: ['1.4.2', '1.5.0'],
  method: ['GET', 'POST'],
  path: ['/api/analyze', '/api/status/:runId', '/api/virtual-tune/status/:id', '__unmatched__'],
  status: ['200', '404', '500'],
  source: ['upload', 'jetstream', 'simulator'],
  le: ['0.1', '0.5', '1.0', '+Inf'],
  alertname: ['DynoaiAvailabilityBudgetBurn', 'DynoaiInstanceWorse'],
  severity: ['page', 'ticket']
}

/** Answers each query with invented series that have the labels of the expression. To check drawing without a run. */
export const synthetic: Pick<Prometheus, 'query' | 'queryRange'> = {
  query: async (expr, time) => inventSeries(expr).map((metric, i): PrometheusSeries =>
    ({ metric, value: [time, invent(i, time)] })),
  queryRange: async (expr, { start, end, step }) => {
    const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step)
    return inventSeries(expr).map((metric, i): PrometheusSeries =>
      ({ metric, values: times.map(time => [time, invent(i, time)]) }))
  }
}

/** Returns the labels of each series: all combinations of those of the outermost aggregation, otherwise of a target. */
function inventSeries (expr: string): Array<Record<string, string>> {
  const [, labels = ''] = /\bby \(([\w, ]+)\)/.exec(expr) ?? ['', 'job, instance']
  const isSingle = /^[\s(]*(histogram_quantile|sum|max|min|avg|count)\s*\(/.test(expr)
  let all: Array<Record<string, string>> = [{}]
  for (const label of isSingle ? [] : labels.split(/, */)) {
    const values = VALUES[label] ?? [`${label} 1`, `${label} 2`]
    all = all.flatMap(labels => values.map(value => ({ ...labels, [label]: value })))
  }
  return all
}

const invent = (series: number, time: number): string => String(Math.max(0, (series + 1) * Math.sin(time / 30)))
