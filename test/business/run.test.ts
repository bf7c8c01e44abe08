import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { run } from '../../lib/business/run.js'
import type { Outcome } from '../../lib/business/run.js'
import { createRevokedProxy, createThrowingProxy } from '../fixtures/unexpected-values.js'

/** A callback that collects the outcomes which it is called with. */
function createOnEnd () {
  const outcomes: Outcome[] = []
  return { outcomes, onEnd: (outcome: Outcome) => { outcomes.push(outcome) } }
}

t.test('returns the result of the function', async t => {
  const { outcomes, onEnd } = createOnEnd()
  t.equal(run(() => 5, onEnd), 5)
  t.equal(run(() => null, onEnd), null)
  t.equal(run(() => undefined, onEnd), undefined)
  t.strictSame(outcomes, ['success', 'success', 'success'])
})

t.test('throws the error that the function throws', async t => {
  const { outcomes, onEnd } = createOnEnd()
  const boom = new Error('boom')
  t.throws(() => run(() => { throw boom }, onEnd), boom)
  t.strictSame(outcomes, ['error'])
})

t.test('ends when the promise settles, not earlier', async t => {
  const { outcomes, onEnd } = createOnEnd()
  let resolve: (value: string) => void = () => {}
  const result = run(() => new Promise<string>(_resolve => { resolve = _resolve }), onEnd)
  t.strictSame(outcomes, [])
  resolve('done')
  t.equal(await result, 'done')
  t.strictSame(outcomes, ['success'])
})

t.test('rejects with the reason of the promise', async t => {
  const { outcomes, onEnd } = createOnEnd()
  const boom = new Error('boom')
  await t.rejects(run(async () => { throw boom }, onEnd), boom)
  t.strictSame(outcomes, ['error'])
})

t.test('leaves an unhandled rejection unhandled', async t => {
  const { outcomes, onEnd } = createOnEnd()
  const boom = new Error('boom')
  const unhandled = new Promise(resolve => process.once('unhandledRejection', resolve))
  const result = run(async () => { throw boom }, onEnd)
  t.equal(await unhandled, boom)
  t.type(result, Promise)
  t.strictSame(outcomes, ['error'])
})

t.test('waits for any thenable', async t => {
  const { outcomes, onEnd } = createOnEnd()
  const thenable: PromiseLike<number> = { then: (...args) => Promise.resolve(7).then(...args) }
  t.equal(await run(() => thenable, onEnd), 7)
  t.strictSame(outcomes, ['success'])
})

t.test('returns a result unchanged when its then cannot be read', async t => {
  for (const result of [createRevokedProxy(), createThrowingProxy(), { get then () { throw new Error('boom') } }]) {
    const { outcomes, onEnd } = createOnEnd()
    t.ok(run(() => result, onEnd) === result)
    t.strictSame(outcomes, ['success'])
  }
})

t.test('settles once with a thenable that breaks the promise rules, and calls it once', async t => {
  type Then = (resolve: (value: unknown) => void, reject: (err: unknown) => void) => unknown
  const boom = new Error('boom')
  const cases: ReadonlyArray<readonly [what: string, then: Then, failed: boolean]> = [
    ['returns nothing', resolve => { resolve(1) }, false],
    ['throws', () => { throw boom }, true],
    ['rejects', (_resolve, reject) => { reject(boom) }, true],
    ['resolves, rejects and throws', (resolve, reject) => { resolve(1); reject(boom); throw boom }, false],
    ['rejects, then resolves', (resolve, reject) => { reject(boom); resolve(1) }, true],
    ['resolves with what rejects', resolve => { resolve(Promise.reject(boom)) }, true],
    ['is async and resolves', async resolve => { resolve(1) }, false],
    ['is async, resolves and throws', async resolve => { resolve(1); throw boom }, false],
    ['is async and only throws', async () => { throw boom }, true]
  ]
  for (const [what, then, failed] of cases) {
    const { outcomes, onEnd } = createOnEnd()
    let reads = 0
    let calls = 0
    const thenable = {
      get then () { reads++; return (...args: Parameters<Then>) => { calls++; return then(...args) } }
    }
    const result = run(() => thenable as unknown as Promise<unknown>, onEnd)
    if (failed) await t.rejects(result, boom, what)
    else t.equal(await result, 1, what)
    t.strictSame({ outcomes, reads, calls }, { outcomes: [failed ? 'error' : 'success'], reads: 1, calls: 1 }, what)
  }
})

t.test('continues in the asynchronous context of its caller', async t => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  await storage.run('caller', async () => {
    await run(async () => { await nextTurn(); seen.push(storage.getStore()) }, () => { seen.push(storage.getStore()) })
    seen.push(storage.getStore())
  })
  t.strictSame(seen, ['caller', 'caller', 'caller'])
})
