import t from 'tap'
import { processWide } from '../../lib/util/process-wide.js'

t.test('makes a value once for all copies of the package', async t => {
  const { processWide: another } = await t.mockImport<typeof import('../../lib/util/process-wide.js')>(import.meta.resolve('../../lib/util/process-wide.js'))
  t.not(another, processWide, 'there are two copies')
  const value = processWide('test-of-copies', () => new Map())
  t.equal(another('test-of-copies', () => { throw new Error('It is made again') }), value)
})

t.test('keeps values of different names apart', async t => {
  t.not(processWide('test-of-one', () => new Map()), processWide('test-of-another', () => new Map()))
})

t.test('is found by no one who lists what is global', async t => {
  processWide('test-of-listing', () => 1)
  t.strictSame(Object.getOwnPropertyDescriptor(globalThis, Symbol.for('dynoai-metrics.test-of-listing.v1')), {
    value: 1, writable: false, enumerable: false, configurable: true
  })
})
