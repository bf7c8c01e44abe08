import t from 'tap'
import { readRouteConfig } from '../../lib/requests/route-config.js'

t.test('reads what a route says', async t => {
  t.strictSame(readRouteConfig('/x', undefined, []), {})
  t.equal(readRouteConfig('/x', false, []), false)
  for (const config of [
    {}, { analysis: undefined }, { analysis: { source: 'upload' } }, { path: '/y' }, { path: undefined }, { labels: {} },
    { labels: undefined }, { labels: { tenant: 'a' } }, { analysis: {}, path: 'y', labels: { tenant: '', team: 'b' } }
  ]) t.strictSame(readRouteConfig('/x', config, ['tenant', 'team']), config)
})

t.test('refuses what it does not know, naming the route', async t => {
  for (const [config, problem] of [
    [true, 'false or an object'], [null, 'false or an object'], ['off', 'false or an object'], [[], 'false or an object'],
    [{ paths: '/y' }, "no more than 'analysis', 'path' and 'labels'"],
    [{ analysis: true }, "'analysis' is an object"], [{ analysis: null }, "'analysis' is an object"],
    [{ analysis: { source: 'fax' } }, "a 'source' of upload, jetstream, simulator"], [{ analysis: { sorce: 'upload' } }, "no more than a 'source'"],
    [{ path: 5 }, "'path' is a string"], [{ path: '' }, "'path' is a string"],
    [{ labels: 'a' }, "'labels' is an object"],
    [{ labels: { shop: 'a' } }, /among those of requests\.labels \(tenant\).*'shop'/],
    [{ labels: { tenant: 5 } }, "label 'tenant' is a string"]
  ] as const) {
    const problems = problem instanceof RegExp ? problem.source : problem
    t.throws(() => readRouteConfig('/x/:id', config, ['tenant']), { code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG', message: new RegExp(`route '/x/:id'.*${problems}.*`) })
  }
  t.throws(() => readRouteConfig('/x', { labels: { a: 'b' } }, []), { message: /\(none\)/ })
})
