import t from 'tap'
import type { GivenLabels } from '../../lib/business/calls.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import { SeriesSet } from '../../lib/business/series.js'

function seriesOf (labels: Record<string, readonly string[]>, defaults: Record<string, string> = {}, maxSeries = 100) {
  const [definition] = resolveDefinitions({ ordersTotal: { type: 'counter', help: 'Orders', labels, defaults } }, '', maxSeries)
  if (definition === undefined) throw new Error('no definition')
  const overflows = { count: 0, reasons: [] as string[] }
  const series = new SeriesSet(definition, maxSeries, reason => { overflows.reasons.push(reason); overflows.count++ })
  return { resolve: (given: object) => series.resolve(given as GivenLabels).labels, series, overflows, start: series.restart() }
}

t.test('every combination of listed values exists from the start', async t => {
  t.strictSame(seriesOf({ a: ['x', 'y'], b: ['1', '2'] }).start, [{ a: 'x', b: '1' }, { a: 'x', b: '2' }, { a: 'y', b: '1' }, { a: 'y', b: '2' }])
  t.strictSame(seriesOf({}).start, [{}])
  t.strictSame(seriesOf({ a: ['x'], b: [] }).start, [])
})

t.test('a label that is left out or undefined takes its default', async t => {
  const { resolve } = seriesOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok', shop: 'main' })
  t.strictSame(resolve({}), { status: 'ok', shop: 'main' })
  t.strictSame(resolve({ status: undefined, shop: 'north' }), { status: 'ok', shop: 'north' })
  t.strictSame(resolve({ status: 'failed' }), { status: 'failed', shop: 'main' })
})

t.test('free values go through String()', async t => {
  const { resolve } = seriesOf({ shop: [] })
  const cases = [[1, '1'], [true, 'true'], [null, 'null'], [['a"} 1', 'b'], 'a"} 1,b'], [{ toString: () => 'x' }, 'x'], ['', '']] as const
  for (const [value, text] of cases) t.strictSame(resolve({ shop: value }), { shop: text })
})

t.test('refuses unknown, unlisted and missing labels', async t => {
  const { resolve } = seriesOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
  const cases = [
    [{ shop: 'a', foo: 'x' }, /no label 'foo'/],
    [{ shop: 'a', toString: 'x' }, /no label 'toString'/],
    [['a'], /no label '0'/],
    [{ shop: 'a', status: 'lost' }, /'status' is one of ok, failed\. Received: the string "lost"/],
    [{ shop: 'a', status: null }, /'status' is one of/],
    [{ status: 'ok' }, /'shop' is required/],
    [{ shop: undefined }, /'shop' is required/],
    [Object.create({ shop: 'inherited' }), /'shop' is required/]
  ] as const
  for (const [labels, message] of cases) {
    t.throws(() => resolve(labels), { code: 'DYNOAI_METRICS_ERR_CALL', message })
  }
})

t.test('beyond maxSeries values land in one overflow series', async t => {
  const { resolve, series, overflows } = seriesOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' }, 2)
  const overflow = { status: '__overflow__', shop: '__overflow__' }
  t.strictSame(resolve({ shop: 'a' }), { status: 'ok', shop: 'a' })
  t.strictSame(resolve({ shop: 'b' }), { status: 'ok', shop: 'b' })
  t.strictSame(resolve({ shop: 'c' }), overflow)
  t.strictSame(resolve({ shop: 'd', status: 'failed' }), overflow)
  t.equal(overflows.count, 2)
  t.strictSame(resolve({ shop: 'a' }), { status: 'ok', shop: 'a' }, 'a known series stays')
  t.equal(overflows.count, 2)
  series.restart()
  t.strictSame(resolve({ shop: 'c' }), { status: 'ok', shop: 'c' }, 'a restart makes room')
})

t.test('listed combinations may fill maxSeries and never overflow', async t => {
  const { resolve, overflows } = seriesOf({ a: ['x', 'y'] }, {}, 2)
  t.strictSame(resolve({ a: 'y' }), { a: 'y' })
  t.equal(overflows.count, 0)
})

t.test('series that prom-client would take for one stay apart', async t => {
  const { resolve, overflows } = seriesOf({ a: [], b: [] })
  t.strictSame(resolve({ a: 'x,b:y', b: 'z' }), { a: 'x,b:y', b: 'z' })
  t.strictSame(resolve({ a: 'x', b: 'y,b:z' }), { a: '__overflow__', b: '__overflow__' })
  t.equal(overflows.count, 1)
  t.strictSame(resolve({ b: 'z', a: 'x,b:y' }), { a: 'x,b:y', b: 'z' }, 'in any order of the labels')
})

t.test('a value that is too long overflows, unless the call is wrong as it is', async t => {
  const long = 'x'.repeat(257)
  const { resolve, overflows } = seriesOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
  const overflow = { status: '__overflow__', shop: '__overflow__' }
  t.strictSame(resolve({ shop: 'x'.repeat(256) }), { status: 'ok', shop: 'x'.repeat(256) })
  for (const shop of [long, [long], new Array(1e7), 1n << 20_000_000n, new Uint8Array(1e8), { toString: () => long }]) t.strictSame(resolve({ shop }), overflow)
  t.strictSame(overflows.reasons, new Array(6).fill('length'))
  t.throws(() => resolve({ shop: long, status: 'lost' }), { code: 'DYNOAI_METRICS_ERR_CALL', message: /'status' is one of/ })
  t.throws(() => resolve({ shop: 'a', status: long }), { message: /'status' is one of ok, failed\. Received: a string of 257 characters/ })
  t.throws(() => resolve({ shop: long, [long]: 'x' }), { message: /it has no label 'x{64}'/ })
  t.equal(overflows.count, 6)
})
