import t from 'tap'
import { Histogram, Registry } from 'prom-client'
import { DURATION_BUCKETS, DurationHistogram, requestCount } from '../../lib/requests/duration-histogram.js'
import { join } from '../../lib/registry.js'

t.test('has the buckets of the contract', async t => {
  t.strictSame(DURATION_BUCKETS, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
})

t.test('gives what a prom-client histogram gives for the same observations', async t => {
  const labels = [{ method: 'GET', path: '/a', status: '200' }, { method: 'POST', path: '/b/:"id"\n\\é', status: '499' }]
  const values = [0, 0.005, 0.0050001, 0.01, 0.3, 10, 10.5, 1e6, ...DURATION_BUCKETS]

  const theirs = new Registry()
  const histogram = new Histogram({
    name: 'd_seconds',
    help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
    labelNames: ['method', 'path', 'status'],
    buckets: [...DURATION_BUCKETS],
    registers: [theirs]
  })
  const registry = new Registry()
  const ours = new DurationHistogram('d_seconds')
  join(registry, [ours.metric])
  for (const set of labels) {
    const series = ours.add(set)
    for (const value of values) {
      histogram.observe(set, value)
      ours.observe(series, value)
    }
    t.equal(requestCount(series), values.length)
  }
  t.equal(await registry.metrics(), await theirs.metrics())

  registry.resetMetrics()
  t.notMatch(await registry.metrics(), / [1-9]\d*$/m, 'a reset sets every series to 0')
})
