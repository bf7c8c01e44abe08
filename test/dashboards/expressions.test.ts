import t from 'tap'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'
import { listExpressions, substitute } from '../fixtures/dashboards/expressions.js'

const TIMES = { __rate_interval: '1m', __interval: '15s', __range: '1h' }

t.test('lists the expressions of panels, annotations and variables', async t => {
  const found = DASHBOARDS.flatMap(name => listExpressions(readDashboard(name)))
  const ofKind = (wanted: string) => found.filter(({ kind }) => kind === wanted)
  t.ok(ofKind('panel').length > 80)
  t.equal(ofKind('annotation').length, 9)
  t.strictSame(ofKind('variable').map(({ expr }) => expr).slice(0, 3), [
    'group by (job) (dynoai_exporter_info)',
    'group by (instance) (dynoai_exporter_info{job=~"$job"})',
    'group by (path) ({__name__=~"dynoai_request_duration_seconds(_count)?",job=~"$job",instance=~"$instance"})'
  ])
  t.equal(new Set(found.map(({ location }) => location)).size, found.length, 'each has a unique location')
})

t.test('rejects a variable whose query is not label_values', async t => {
  const overview = readDashboard('dynoai-dashboard.json')
  for (const query of ['up', { query: 'metrics(dynoai.*)' }]) {
    overview.templating.list[1] = { name: 'job', type: 'query', query }
    t.throws(() => listExpressions(overview), { message: /^Not label_values/ })
  }
})

t.test('substitutes variables as Grafana does', async t => {
  const cases: ReadonlyArray<[expr: string, values: string[], expected: string]> = [
    ['a{path=~"$route"}', [], 'a{path=~".+"}'],
    ['a{path=~"$route"}', ['/api/status/:runId'], 'a{path=~"/api/status/:runId"}'],
    ['a{path=~"$route"}', ['/a.b', '/c*'], 'a{path=~"(/a\\\\.b|/c\\\\*)"}'],
    ['rate(a[$__rate_interval])', [], 'rate(a[1m])'],
    ['a offset $__interval', [], 'a offset 15s'],
    ['increase(a[$__range])', [], 'increase(a[1h])'],
    ['label_replace(a, "x", "$1", "y", "(.*)")', [], 'label_replace(a, "x", "$1", "y", "(.*)")']
  ]
  for (const [expr, route, expected] of cases) t.equal(substitute(expr, { route }, TIMES), expected)
  t.throws(() => substitute('a{path=~"$route"}', {}, TIMES), { message: 'No variable $route for a{path=~"$route"}' })
})
