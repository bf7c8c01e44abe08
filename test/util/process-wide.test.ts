import t from 'tap'
import { processWide } from '../../lib/util/process-wide.js'

t.test('creates a value once for all copies of the package', async t => {
  const path = import.meta.resolve('../../lib/util/process-wide.js')
  const { processWide: copy } = await t.mockImport<typeof import('../../lib/util/process-wide.js')>(path)
  t.not(copy, processWide, 'there are two copies')
  const value = processWide('test-of-copies', () => new Map())
  t.equal(copy('test-of-copies', () => { throw new Error('It is created again') }), value)
})

t.test('keeps values of different names apart', async t => {
  t.not(processWide('test-of-one', () => new Map()), processWide('test-of-another', () => new Map()))
})

t.test('stores the value in a property of globalThis that cannot be listed or changed', async t => {
  processWide('test-of-listing', () => 1)
  t.strictSame(Object.getOwnPropertyDescriptor(globalThis, Symbol.for('dynoai-metrics.test-of-listing.v1')), {
    value: 1, writable: false, enumerable: false, configurable: true
  })
})
