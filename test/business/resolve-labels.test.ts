import t from 'tap'
import { resolveLabels } from '../../lib/business/resolve-labels.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import type { UncheckedLabels } from '../../lib/series/label-value.js'

function labelsOf (labels: Record<string, readonly string[]>, defaults: Record<string, string> = {}) {
  const [definition] = resolveDefinitions({ ordersTotal: { type: 'counter', help: 'Orders', labels, defaults } }, '', 100)
  if (definition === undefined) throw new Error('no definition')
  const resolve = (given: object): Record<string, string | undefined> | null => {
    const texts = resolveLabels(definition, given as UncheckedLabels)
    return texts && Object.fromEntries(Object.keys(labels).map((name, i) => [name, texts[i]]))
  }
  return { resolve }
}

t.test('a label that is left out or undefined takes its default', async t => {
  const { resolve } = labelsOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok', shop: 'main' })
  t.strictSame(resolve({}), { status: 'ok', shop: 'main' })
  t.strictSame(resolve({ status: undefined, shop: 'north' }), { status: 'ok', shop: 'north' })
  t.strictSame(resolve({ status: 'failed' }), { status: 'failed', shop: 'main' })
})

t.test('free values go through String()', async t => {
  const { resolve } = labelsOf({ shop: [] })
  const cases = [[1, '1'], [true, 'true'], [null, 'null'], [['a"} 1', 'b'], 'a"} 1,b'], [{ toString: () => 'x' }, 'x'], ['', '']] as const
  for (const [value, text] of cases) t.strictSame(resolve({ shop: value }), { shop: text })
})

t.test('refuses unknown, unlisted and missing labels', async t => {
  const { resolve } = labelsOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
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

t.test('a value that is too long overflows, unless the call is wrong as it is', async t => {
  const long = 'x'.repeat(257)
  const { resolve } = labelsOf({ status: ['ok', 'failed'], shop: [] }, { status: 'ok' })
  t.strictSame(resolve({ shop: 'x'.repeat(256) }), { status: 'ok', shop: 'x'.repeat(256) })
  for (const shop of [long, [long], new Array(1e7), 1n << 20_000_000n, new Uint8Array(1e8), { toString: () => long }]) t.equal(resolve({ shop }), null)
  t.throws(() => resolve({ shop: long, status: 'lost' }), { code: 'DYNOAI_METRICS_ERR_CALL', message: /'status' is one of/ })
  t.throws(() => resolve({ shop: 'a', status: long }), { message: /'status' is one of ok, failed\. Received: a string of 257 characters/ })
  t.throws(() => resolve({ shop: long, [long]: 'x' }), { message: /it has no label 'x{64}'/ })
})
