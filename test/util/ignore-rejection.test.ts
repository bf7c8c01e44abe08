import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

class Odd extends Promise<unknown> {
  override then (): never { throw new Error('then') }
}

t.test('no rejection of what a callback returned is left unhandled, and nothing is thrown', async t => {
  const unhandled = collectUnhandledRejections(t)
  const values: ReadonlyArray<readonly [what: string, make: () => unknown]> = [
    ...UNEXPECTED_VALUES,
    ['a promise whose then is replaced', () => new Odd((_resolve, reject) => { reject(new Error('odd')) })],
    ['a promise of no class', () => Object.defineProperty(Promise.resolve(), 'constructor', { get () { throw new Error('class') } })],
    ['a thenable around a promise', () => { const promise = Promise.reject(new Error('within')); return { then: (...args: []) => promise.then(...args) } }],
    ['undefined', () => undefined]
  ]
  for (const [what, make] of values) {
    t.doesNotThrow(() => ignoreRejection(make()), what)
    await nextTurn()
    t.strictSame(unhandled.splice(0), [], what)
  }
})

t.test('a rejection that nobody takes is seen by this test', async t => {
  const unhandled = collectUnhandledRejections(t)
  const boom = new Error('boom')
  Promise.reject(boom)
  await nextTurn()
  t.strictSame(unhandled, [boom])
})
