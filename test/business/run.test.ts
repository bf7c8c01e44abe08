import t from 'tap'
import { run } from '../../lib/business/run.js'

function recorded () {
  const calls: boolean[] = []
  return { calls, ended: (failed: boolean) => { calls.push(failed) } }
}

t.test('gives back what the function gives', async t => {
  const { calls, ended } = recorded()
  t.equal(run(() => 5, ended), 5)
  t.equal(run(() => null, ended), null)
  t.equal(run(() => undefined, ended), undefined)
  t.strictSame(calls, [false, false, false])
})

t.test('throws what the function throws', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  t.throws(() => run(() => { throw boom }, ended), boom)
  t.strictSame(calls, [true])
})

t.test('ends when the promise settles, not before', async t => {
  const { calls, ended } = recorded()
  let resolve: (value: string) => void = () => {}
  const result = run(() => new Promise<string>(_resolve => { resolve = _resolve }), ended)
  t.strictSame(calls, [])
  resolve('done')
  t.equal(await result, 'done')
  t.strictSame(calls, [false])
})

t.test('rejects with what the promise rejects with', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  await t.rejects(run(async () => { throw boom }, ended), boom)
  t.strictSame(calls, [true])
})

t.test('leaves an unhandled rejection unhandled', async t => {
  const { calls, ended } = recorded()
  const boom = new Error('boom')
  const unhandled = new Promise(resolve => process.once('unhandledRejection', resolve))
  // eslint-disable-next-line no-void -- nobody handles this promise; that is what is tested
  void run(async () => { throw boom }, ended)
  t.equal(await unhandled, boom)
  t.strictSame(calls, [true])
})

t.test('takes any thenable', async t => {
  const { calls, ended } = recorded()
  const thenable: PromiseLike<number> = { then: (...args) => Promise.resolve(7).then(...args) }
  t.equal(await run(() => thenable, ended), 7)
  t.strictSame(calls, [false])
})
