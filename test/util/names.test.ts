import t from 'tap'
import { isLabelName, isMetricName, snakeCase } from '../../lib/util/names.js'

t.test('turns keys into snake_case', async t => {
  const cases = [
    ['analysisTotal', 'analysis_total'],
    ['veCorrectionsMagnitudePercent', 've_corrections_magnitude_percent'],
    ['HTTPRequestsTotal', 'http_requests_total'],
    ['http2Requests', 'http2_requests'],
    ['orders', 'orders'],
    ['already_snake', 'already_snake']
  ] as const
  for (const [key, name] of cases) t.equal(snakeCase(key), name, key)
})

t.test('accepts the names that Prometheus leaves to an application', async t => {
  for (const name of ['a', '_a', 'A9_b', 'orders_total']) {
    t.ok(isMetricName(name), `metric ${name}`)
    t.ok(isLabelName(name), `label ${name}`)
  }
  for (const name of ['', '9a', 'a-b', 'a b', '__name__', '__a', 'é', 'job:rate', 'a\n']) {
    t.notOk(isMetricName(name), `metric ${JSON.stringify(name)}`)
    t.notOk(isLabelName(name), `label ${JSON.stringify(name)}`)
  }
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
    t.notOk(isMetricName(name), `metric ${name}`)
    t.ok(isLabelName(name), `label ${name}`)
  }
  t.ok(isMetricName('le'))
  t.notOk(isLabelName('le'), 'the label of a histogram bucket')
  t.ok(isLabelName('level'))
})
