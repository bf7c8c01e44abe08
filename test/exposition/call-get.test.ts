import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { callGet } from '../../lib/exposition/call-get.js'
import type { GetResult } from '../../lib/exposition/call-get.js'

const timedOut = (): Error => new Error('too late')

interface Call {
  readonly result: Promise<GetResult>
  /** How often `onSettled` was called. */
  readonly settled: () => number
}

/** Calls `get` of a metric with a timeout of 100 ms. */
function call (get: () => unknown): Call {
  let settled = 0
  const metric = { get: get as () => Promise<unknown>, reset () {} }
  return { result: callGet({ metric, timeout: 100, timedOut, onSettled: () => { settled++ } }), settled: () => settled }
}

type Resolve = (value: unknown) => void
type Then = (resolve: Resolve, reject: (err: unknown) => void) => unknown

t.test('returns the value of the metric, of its promise or of its thenable', async t => {
  const thenable = { then: (resolve: Resolve) => { resolve(5) } }
  for (const get of [() => 5, async () => 5, () => thenable, () => Object.assign(() => {}, thenable)]) {
    const { result, settled } = call(get)
    t.strictSame(await result, { value: 5 })
    t.equal(settled(), 1)
  }
  t.strictSame(await call(() => ({ then: 5 })).result, { value: { then: 5 } })
})

t.test('does not call `then` of the value of a thenable', async t => {
  const thenable = { then (resolve: Resolve) { resolve(thenable) } }
  t.equal((await call(() => thenable).result).value, thenable)
})

t.test('rejects when the metric throws or rejects', async t => {
  const failing: ReadonlyArray<() => unknown> = [
    () => { throw new Error('failed') },
    async () => { throw new Error('failed') },
    () => ({ get then () { throw new Error('failed') } }),
    () => ({ then () { throw new Error('failed') } }),
    () => ({ async then () { throw new Error('failed') } }),
    () => ({ then: ((_resolve, reject) => { reject(new Error('failed')) }) satisfies Then })
  ]
  for (const get of failing) {
    const { result, settled } = call(get)
    await t.rejects(result, { message: 'failed' })
    t.equal(settled(), 1)
  }
})

t.test('rejects after the timeout, and calls `onSettled` when the metric settles later', async t => {
  t.clock.enter()
  let resolveLate: Resolve = () => {}
  const { result, settled } = call(() => ({ then: (resolve => { resolveLate = resolve }) satisfies Then }))
  t.clock.advance(99)
  await nextTurn()
  t.clock.advance(1)
  await t.rejects(result, { message: 'too late' })
  t.equal(settled(), 0)
  resolveLate(5)
  t.equal(settled(), 1)
})
