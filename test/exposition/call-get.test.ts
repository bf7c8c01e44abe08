import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { callGet } from '../../lib/exposition/call-get.js'
import type { GetResult } from '../../lib/exposition/call-get.js'

const timedOut = (): Error => new Error('too late')

/** Asks a metric with this `get`, and counts its answers. */
function question (get: () => unknown): { readonly given: Promise<GetResult>, readonly answers: () => number } {
  let answers = 0
  const metric = { get: get as () => Promise<unknown>, reset () {} }
  return { given: callGet({ metric, timeout: 100, timedOut, onSettled: () => { answers++ } }), answers: () => answers }
}

type Then = (answer: (value: unknown) => void, fail: (err: unknown) => void) => unknown

t.test('gives what the metric gives, at once, as a promise or as a thenable', async t => {
  for (const get of [
    () => 5,
    async () => 5,
    () => ({
      then: (answer: (value: unknown) => void) => {
        answer(5)
      }
    }),
    () =>
      Object.assign(() => {}, {
        then: (answer: (value: unknown) => void) => {
          answer(5)
        }
      })
  ]) {
    const { given, answers } = question(get)
    t.strictSame(await given, { value: 5 })
    t.equal(answers(), 1)
  }
  t.strictSame(await question(() => ({ then: 5 })).given, { value: { then: 5 } })
})

t.test('calls no `then` of what a thenable gives', async t => {
  const thenable = { then (answer: (value: unknown) => void) { answer(thenable) } }
  t.equal((await question(() => thenable).given).value, thenable)
})

t.test('fails where the metric fails, in whatever way', async t => {
  const failing: ReadonlyArray<() => unknown> = [
    () => { throw new Error('failed') },
    async () => { throw new Error('failed') },
    () => ({ get then () { throw new Error('failed') } }),
    () => ({ then () { throw new Error('failed') } }),
    () => ({ async then () { throw new Error('failed') } }),
    () => ({ then: ((_answer, fail) => { fail(new Error('failed')) }) satisfies Then })
  ]
  for (const get of failing) {
    const { given, answers } = question(get)
    await t.rejects(given, { message: 'failed' })
    t.equal(answers(), 1)
  }
})

t.test('fails after the time-out, and tells when the answer comes all the same', async t => {
  t.clock.enter()
  let answer: (value: unknown) => void = () => {}
  const { given, answers } = question(() => ({ then: ((resolve) => { answer = resolve }) satisfies Then }))
  t.clock.advance(99)
  await nextTurn()
  t.clock.advance(1)
  await t.rejects(given, { message: 'too late' })
  t.equal(answers(), 0)
  answer(5)
  t.equal(answers(), 1)
})
