import t from 'tap'
import { resolveLabels } from '../../lib/business/resolve-labels.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import type { UncheckedLabels } from '../../lib/series/label-value.js'

/** Resolves labels of calls of a metric with these labels. Returns the values by name, or null for an overflow. */
function createResolver (labels: Record<string, readonly string[]>, defaults: Record<string, string> = {}) {
  const ordersTotal = { type: 'counter', help: 'Orders', labels, defaults } as const
  const [definition] = resolveDefinitions({ ordersTotal }, '', 100)
  if (definition === undefined) throw new Error('no definition')
  return (given: object): Record<string, string | undefined> | null => {
    const values = resolveLabels(definition, given as UncheckedLabels)
    return values && Object.fromEntries(Object.keys(labels).map((name, i) => [name, values[i]]))
  }
}

t.test('uses the default of a label that is left out or undefined', async t => {
  const resolve = createResolver({ status: ['ok', 'failed'], shop: [] }, { status: 'ok', shop: 'main' })
  t.strictSame(resolve({}), { status: 'ok', shop: 'main' })
  t.strictSame(resolve({ status: undefined, shop: 'north' }), { status: 'ok', shop: 'north' })
  t.strictSame(resolve({ status: 'failed' }), { status: 'failed', shop: 'main' })
})

t.test('converts free values with String()', async t => {
  const resolve = createResolver({ shop: [] })
  const cases = [
    [1, '1'], [true, 'true'], [null, 'null'], [['a"} 1', 'b'], 'a"} 1,b'], [{ toString: () => 'x' }, 'x'], ['', '']
  ] as const
  for (const [value, text] of cases) t.strictSame(resolve({ shop: value }), { shop: text })
})

t.test('rejects unknown, unlisted and missing labels', async t => {
  const resolve = createResolver({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
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

t.test('reports an overflow for a value that is too long, unless the call is invalid', async t => {
  const long = 'x'.repeat(257)
  const resolve = createResolver({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
  t.strictSame(resolve({ shop: 'x'.repeat(256) }), { status: 'ok', shop: 'x'.repeat(256) })
  for (const shop of [long, [long], new Array(1e7), 1n << 20_000_000n, new Uint8Array(1e8), { toString: () => long }]) {
    t.equal(resolve({ shop }), null)
  }
  t.throws(() => resolve({ shop: long, status: 'lost' }), {
    code: 'DYNOAI_METRICS_ERR_CALL', message: /'status' is one of/
  })
  t.throws(() => resolve({ shop: 'a', status: long }), {
    message: /'status' is one of ok, failed\. Received: a string of 257 characters/
  })
  t.throws(() => resolve({ shop: long, [long]: 'x' }), { message: /it has no label 'x{64}'/ })
})
