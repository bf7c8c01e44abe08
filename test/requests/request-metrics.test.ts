import t from 'tap'
import { DURATION_BUCKETS } from '../../lib/series/buckets.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import type { ValuesMetric } from '../../lib/registry/plugin-metric.js'
import { RequestMetrics } from '../../lib/requests/request-metrics.js'

const OPTIONS = {
  enabled: true, buckets: DURATION_BUCKETS, labels: {}, ignore: [], skip: null, groupStatus: false, sizes: false
}

t.test('adds up requests by method and status, and can pause while it adds', async t => {
  const metrics = new RequestMetrics('x_', OPTIONS)
  for (let i = 0; i < 600; i++) {
    const labels = [i % 2 === 0 ? 'GET' : 'POST', `/${i}`, i % 3 === 0 ? '200' : '404']
    const series = metrics.durations.refTo(metrics.durations.addSeries(labels))
    for (let k = 0; k < 2; k++) metrics.durations.observe(series, 1)
  }
  const pluginMetrics = metrics.metrics.map(metric => pluginMetricOf(metric))
  const totals = pluginMetrics.find(metric => metric?.name === 'x_requests_total') as ValuesMetric | undefined
  const values = [...totals?.values() ?? []]
  t.equal(values.filter(value => value === undefined).length, 2)
  const [first, second] = [totals?.values(), totals?.values()].map(values => (values ?? [])[Symbol.iterator]())
  first?.next()
  t.strictSame([...{ [Symbol.iterator]: () => second! }], values, 'while another scrape reads') // created above
  t.strictSame(values.filter(value => value !== undefined), [
    { labels: { method: 'GET', status: '200' }, value: 200 },
    { labels: { method: 'POST', status: '404' }, value: 400 },
    { labels: { method: 'GET', status: '404' }, value: 400 },
    { labels: { method: 'POST', status: '200' }, value: 200 }
  ])
})
