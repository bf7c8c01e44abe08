import t from 'tap'
import { analysisObserver } from '../../lib/dynoai/tracking.js'
import { readRouteConfig } from '../../lib/requests/route-config.js'
import type { RouteRules } from '../../lib/requests/route-config.js'

const rules = (labels: string[]): RouteRules => ({ labels, analyses: analysisObserver(null, '') })

t.test('reads the config of a route', async t => {
  t.strictSame(readRouteConfig('/x', undefined, rules([])), {})
  t.equal(readRouteConfig('/x', false, rules([])), false)
  for (const config of [
    {}, { analysis: {} }, { analysis: { source: 'upload' } }, { path: '/y' }, { labels: {} },
    { labels: { tenant: 'a' } }, { until: 'headers' }, { until: 'headers', path: 'y', labels: { tenant: 'a' } },
    { analysis: {}, path: 'y', labels: { tenant: '', team: 'b' } }
  ]) t.strictSame(readRouteConfig('/x', config, rules(['tenant', 'team'])), config)
  const unset = { analysis: undefined, path: undefined, labels: undefined, until: undefined }
  t.strictSame(readRouteConfig('/x', unset, rules([])), {})
})

t.test('reads every property once, also an inherited one, so the checked value is the used value', async t => {
  const read: string[] = []
  const once = (name: string, value: unknown) => ({ enumerable: true, get: () => read.push(name) > 9 ? 5 : value })
  const config = Object.create(Object.defineProperties({}, {
    analysis: once('analysis', Object.defineProperties({}, { source: once('source', 'upload') })),
    path: once('path', '/y'),
    labels: once('labels', Object.create({ tenant: 'a' }))
  }))
  t.strictSame(readRouteConfig('/x', config, rules(['tenant'])), {
    analysis: { source: 'upload' }, path: '/y', labels: { tenant: 'a' }
  })
  t.strictSame(read.sort(), ['analysis', 'labels', 'path', 'source'])
})

t.test('rejects an invalid config, and names the route', async t => {
  for (const [config, problem] of [
    [true, 'false or an object'],
    [null, 'false or an object'],
    ['off', 'false or an object'],
    [[], 'false or an object'],
    [{ paths: '/y' }, "no more than 'analysis', 'path', 'labels' and 'until'"],
    [{ until: 'head' }, "'until' is 'headers'"],
    [{ until: true }, "'until' is 'headers'"],
    [{ until: null }, "'until' is 'headers'"],
    [{ until: ['headers'] }, "'until' is 'headers'"],
    [{ until: '' }, "'until' is 'headers'"],
    [{ until: 'headers', analysis: {} }, "'analysis' or with 'until', not with both"],
    [{ until: 'headers', analysis: { source: 'upload' } }, "'analysis' or with 'until', not with both"],
    [{ analysis: true }, "'analysis' is an object"],
    [{ analysis: null }, "'analysis' is an object"],
    [{ analysis: { source: 'fax' } }, "a 'source' of upload, jetstream, simulator"],
    [{ analysis: { sorce: 'upload' } }, "no more than a 'source'"],
    [{ path: 5 }, "'path' is a string"],
    [{ path: '' }, "'path' is a string"],
    [{ labels: 'a' }, "'labels' is an object"],
    [{ labels: { shop: 'a' } }, /among those of requests\.labels \(tenant\).*"shop"/],
    [{ labels: { tenant: 5 } }, "label 'tenant' is a string"],
    [{ path: 'x'.repeat(257) }, 'at most 256 characters'],
    [{ labels: { tenant: 'x'.repeat(257) } }, "label 'tenant' is a string of at most 256 characters"],
    [Object.create({ paths: '/y' }), "no more than 'analysis', 'path', 'labels' and 'until'"],
    [{ labels: { constructor: 'a' } }, 'among those of requests']
  ] as const) {
    const source = problem instanceof RegExp ? problem.source : problem
    const message = new RegExp(`route '/x/:id'.*${source}.*`)
    const read = (): unknown => readRouteConfig('/x/:id', config, rules(['tenant']))
    t.throws(read, { code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG', message })
  }
  t.throws(() => readRouteConfig('/x', { labels: { a: 'b' } }, rules([])), { message: /\(none\)/ })
})
