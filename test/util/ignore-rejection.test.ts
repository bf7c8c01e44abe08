import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

class PromiseWithBrokenThen extends Promise<unknown> {
  override then (): never { throw new Error('then') }
}

t.test('handles the rejection of any value without throwing', async t => {
  const unhandled = collectUnhandledRejections(t)
  const values: ReadonlyArray<readonly [what: string, make: () => unknown]> = [
    ...UNEXPECTED_VALUES,
    ['a promise whose then throws', () =>
      new PromiseWithBrokenThen((_resolve, reject) => { reject(new Error('broken')) })],
    ['a promise whose constructor throws', () =>
      Object.defineProperty(Promise.resolve(), 'constructor', { get () { throw new Error('constructor') } })],
    ['a thenable around a promise', () => {
      const promise = Promise.reject(new Error('within'))
      return { then: (...args: []) => promise.then(...args) }
    }],
    ['undefined', () => undefined]
  ]
  for (const [what, make] of values) {
    t.doesNotThrow(() => ignoreRejection(make()), what)
    await nextTurn()
    t.strictSame(unhandled.splice(0), [], what)
  }
})

t.test('this test detects a rejection that is not handled', async t => {
  const unhandled = collectUnhandledRejections(t)
  const boom = new Error('boom')
  const rejected = Promise.reject(boom)
  await nextTurn()
  t.strictSame(unhandled, [boom])
  t.type(rejected, Promise)
})
