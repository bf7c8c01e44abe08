import t from 'tap'
import { exactly, Ledger, upTo } from './ledger.js'

const A = 'a[]'
const B = 'a["b"]'
const C = 'c[]'

t.test('a request that has ended must be counted exactly once', async t => {
  const ledger = new Ledger()
  ledger.record(1, [exactly(A), exactly(C, 5)], 1000)
  ledger.record(2, [exactly(A)], 1000)
  t.strictSame(ledger.compare(new Map([[A, 2], [C, 5]])), [])
  t.strictSame(ledger.compare(new Map([[A, 1], [C, 6]])), ['a[] is 1, not 2 to 2', 'c[] is 6, not 5 to 5'])
  t.strictSame(ledger.compare(new Map([[A, 2], [B, 1], [C, 5], ['other[]', 7]])), ['a["b"] is 1, not 0 to 0'],
    'of the metrics of requests, other samples are 0')
})

t.test('a request that ended shortly before its worker may be lost', async t => {
  const ledger = new Ledger()
  ledger.record(1, [exactly(A)], 1000)
  ledger.record(1, [exactly(A)], 2000)
  ledger.record(2, [exactly(A)], 2000)
  ledger.endWorker(1, 1500)
  ledger.record(1, [exactly(A)], 2100)
  for (const count of [2, 3, 4]) t.strictSame(ledger.compare(new Map([[A, count]])), [])
  t.strictSame(ledger.compare(new Map([[A, 1]])), ['a[] is 1, not 2 to 4'])
  t.equal(ledger.requestsAtRisk, 2)
})

t.test('a request that was interrupted may be counted in one of several ways, or not at all', async t => {
  const ledger = new Ledger()
  ledger.recordUncertain([exactly(A)], [exactly(B)])
  ledger.record(1, [upTo(C, 3)], 1000)
  t.strictSame(ledger.compare(new Map()), [])
  t.strictSame(ledger.compare(new Map([[A, 1], [C, 3]])), [])
  t.strictSame(ledger.compare(new Map([[A, 2], [C, 4]])), ['a[] is 2, not 0 to 1', 'c[] is 4, not 0 to 3'])
})

t.test('requests that ended long ago are certain', async t => {
  const ledger = new Ledger()
  ledger.record(1, [exactly(A)], 1000)
  ledger.record(1, [exactly(A)], 2000)
  ledger.settle(1500)
  ledger.endWorker(1, 0)
  t.strictSame(ledger.sumOf('a'), [1, 2])
})
