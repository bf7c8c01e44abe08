import t from 'tap'
import { synthetic } from '../../../dashboards/preview/src/synthetic.js'

t.test('invents series with the labels of the outermost aggregation', async t => {
  const cases = [
    ['sum by (status) (rate(x[5m]))', [{ status: '200' }, { status: '404' }, { status: '500' }]],
    ['sum by (job, space) (max by (id) (x))', ['space 1', 'space 2'].map(space => ({ job: 'dynoai', space }))],
    ['up', [{ job: 'dynoai', instance: 'dynoai-1:5001' }, { job: 'dynoai', instance: 'dynoai-2:5001' }]],
    ['(max(max by (job) (x)))', [{}]],
    ['1 - (sum(x) / (sum(y) > 0))', [{}]],
    ['histogram_quantile(0.99, sum by (severity, le) (x))', [{ severity: 'page' }, { severity: 'ticket' }]],
    ['histogram_quantile(0.99, sum by (le) (rate(x[5m])))', [{}]]
  ] as const
  for (const [expr, expected] of cases) {
    t.strictSame((await synthetic.query(expr, 0)).map(({ metric }) => metric), expected, expr)
  }
})

t.test('answers a range query with a value at every step', async t => {
  const [series] = await synthetic.queryRange('sum(x)', { start: 0, end: 10, step: 5 })
  t.strictSame(series?.values?.map(([time]) => time), [0, 5, 10])
  t.ok(series?.values?.every(([, value]) => Number(value) >= 0))
})

t.test('answers a query of what begins with a single value', async t => {
  const [series] = await synthetic.queryRange('group by (job) (x) unless y', { start: 0, end: 10, step: 5 })
  t.strictSame(series?.values?.map(([time]) => time), [0])
})
