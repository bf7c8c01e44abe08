import t from 'tap'
import { ThreadWatch } from '../../../../examples/dynoai-api/analysis/thread-watch.js'

t.test('asks a thread again and again, and ends it when it does not answer', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const calls: unknown[] = []
  const watch = new ThreadWatch({
    postMessage: message => { calls.push(message) },
    terminate: async () => calls.push('terminated')
  }, 1000)
  watch.start()
  watch.start()
  t.strictSame(calls.splice(0), ['ping'], 'starts once')
  watch.hear()
  t.clock.advance(1000)
  t.strictSame(calls.splice(0), ['ping'])
  t.equal(watch.error, undefined)
  t.clock.advance(999)
  t.strictSame(calls, [])
  t.clock.advance(1)
  t.strictSame(calls.splice(0), ['terminated'])
  t.match(watch.error, { message: 'The thread has not answered for 1000 ms.' })
  t.clock.advance(5000)
  t.strictSame(calls, [], 'ends it once')
})

t.test('knows when a thread could not be ended', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const watch = new ThreadWatch({ postMessage () {}, terminate: () => Promise.reject(new Error('It goes on.')) }, 1000)
  watch.start()
  t.clock.advance(1000)
  await new Promise(process.nextTick)
  t.match(watch.error, { message: 'It goes on.' })
})

t.test('does not watch a thread without jobs', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const calls: unknown[] = []
  const watch = new ThreadWatch({
    postMessage: message => { calls.push(message) },
    terminate: async () => calls.push('terminated')
  }, 1000)
  watch.start()
  watch.stop()
  t.clock.advance(5000)
  t.strictSame(calls.splice(0), ['ping'])
  watch.start()
  t.strictSame(calls, ['ping'], 'starts again')
  watch.stop()
})
