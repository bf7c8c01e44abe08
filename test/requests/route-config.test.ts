import t from 'tap'
import { readRouteConfig } from '../../lib/requests/route-config.js'

t.test('reads what a route says', async t => {
  t.strictSame(readRouteConfig('/x', undefined), {})
  t.equal(readRouteConfig('/x', false), false)
  t.strictSame(readRouteConfig('/x', {}), {})
  t.strictSame(readRouteConfig('/x', { analysis: undefined }), { analysis: undefined })
  t.strictSame(readRouteConfig('/x', { analysis: { source: 'upload' } }), { analysis: { source: 'upload' } })
})

t.test('refuses what it does not know, naming the route', async t => {
  for (const [config, problem] of [
    [true, 'false or an object'], [null, 'false or an object'], ['off', 'false or an object'], [[], 'false or an object'],
    [{ path: '/y' }, "no more than 'analysis'"], [{ analysis: true }, "'analysis' is an object"], [{ analysis: null }, "'analysis' is an object"],
    [{ analysis: { source: 'fax' } }, "a 'source' of upload, jetstream, simulator"], [{ analysis: { sorce: 'upload' } }, "no more than a 'source'"]
  ] as const) {
    t.throws(() => readRouteConfig('/x/:id', config), { code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG', message: new RegExp(`route '/x/:id'.*${problem}.*Received: '`) })
  }
})
