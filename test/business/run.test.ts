import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { run } from '../../lib/business/run.js'
import type { Outcome } from '../../lib/business/run.js'
import { createRevokedProxy, createThrowingProxy } from '../fixtures/unexpected-values.js'

function recorded () {
  const calls: Outcome[] = []
  return { calls, ended: (outcome: Outcome) => { calls.push(outcome) } }
}

t.test('gives back what the function gives', async t => {
  const { calls, ended } = recorded()
  t.equal(run(() => 5, ended), 5)
  t.equal(run(() => null, ended), null)
  t.equal(run(() => undefined, ended), undefined)
  t.strictSame(calls, ['success', 'success', 'success'])
})

t.test('throws what the function throws', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  t.throws(() => run(() => { throw boom }, ended), boom)
  t.strictSame(calls, ['error'])
})

t.test('ends when the promise settles, not before', async t => {
  const { calls, ended } = recorded()
  let resolve: (value: string) => void = () => {}
  const result = run(() => new Promise<string>(_resolve => { resolve = _resolve }), ended)
  t.strictSame(calls, [])
  resolve('done')
  t.equal(await result, 'done')
  t.strictSame(calls, ['success'])
})

t.test('rejects with what the promise rejects with', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  await t.rejects(run(async () => { throw boom }, ended), boom)
  t.strictSame(calls, ['error'])
})

t.test('leaves an unhandled rejection unhandled', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  const unhandled = new Promise(resolve => process.once('unhandledRejection', resolve))
  // eslint-disable-next-line no-void -- nobody handles this promise; that is what is tested
  void run(async () => { throw boom }, ended)
  t.equal(await unhandled, boom)
  t.strictSame(calls, ['error'])
})

t.test('takes any thenable', async t => {
  const { calls, ended } = recorded()
  const thenable: PromiseLike<number> = { then: (...args) => Promise.resolve(7).then(...args) }
  t.equal(await run(() => thenable, ended), 7)
  t.strictSame(calls, ['success'])
})

t.test('gives back what cannot be read, as it is', async t => {
  for (const result of [createRevokedProxy(), createThrowingProxy(), { get then () { throw new Error('boom') } }]) {
    const { calls, ended } = recorded()
    t.ok(run(() => result, ended) === result)
    t.strictSame(calls, ['success'])
  }
})

t.test('takes a thenable that keeps no promise, and asks it once', async t => {
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
    const { calls, ended } = recorded()
    let reads = 0
    let asked = 0
    const thenable = { get then () { reads++; return (...args: Parameters<Then>) => { asked++; return then(...args) } } }
    const result = run(() => thenable as unknown as Promise<unknown>, ended)
    if (failed) await t.rejects(result, boom, what)
    else t.equal(await result, 1, what)
    t.strictSame({ calls, reads, asked }, { calls: [failed ? 'error' : 'success'], reads: 1, asked: 1 }, what)
  }
})

t.test('what a promise goes on with is of its caller\'s asynchronous context', async t => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  await storage.run('caller', async () => {
    await run(async () => { await nextTurn(); seen.push(storage.getStore()) }, () => { seen.push(storage.getStore()) })
    seen.push(storage.getStore())
  })
  t.strictSame(seen, ['caller', 'caller', 'caller'])
})
