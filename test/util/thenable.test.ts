import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { callThen, thenOf } from '../../lib/util/thenable.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

t.test('reads the then method of objects and functions once', async t => {
  const then = (): void => {}
  let reads = 0
  t.equal(thenOf({ get then () { reads++; return then } }), then)
  t.equal(reads, 1)
  t.equal(thenOf(Object.assign(() => {}, { then })), then)
  for (const value of [undefined, null, 1, 'text', {}, { then: 1 }, [], () => {}]) t.equal(thenOf(value), undefined)
  const boom = new Error('boom')
  t.throws(() => thenOf({ get then () { throw boom } }), boom)
})

t.test('calls then once, on its value, and reports the rejection of an async then', async t => {
  const unhandled = collectUnhandledRejections(t)
  const reported: unknown[] = []
  const report = (what: string) => (value: unknown): void => { reported.push([what, value]) }
  const callbacks = { resolve: report('resolved'), reject: report('rejected'), fail: report('failed') }
  const boom = new Error('boom')
  const value = { value: 1 }
  callThen(function (this: unknown, resolve) { (resolve as (value: unknown) => void)(this) }, value, callbacks)
  callThen((_resolve, reject) => { (reject as (err: unknown) => void)(boom) }, value, callbacks)
  callThen(async () => { throw boom }, value, callbacks)
  await nextTurn()
  t.strictSame(reported, [['resolved', value], ['rejected', boom], ['failed', boom]])
  t.strictSame(unhandled, [])
  t.throws(() => callThen(() => { throw boom }, value, callbacks), boom)
})
