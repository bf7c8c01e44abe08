import t, { type Test } from 'tap'
import { ThreadWatch } from '../../../../examples/dynoai-api/analysis/thread-watch.js'

/** Watches a thread with a clock that the test advances. `calls` has the messages to the thread, and its end. */
function setUp (t: Test, terminate: () => Promise<void> = () => Promise.resolve()) {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const calls: unknown[] = []
  const watch = new ThreadWatch({
    postMessage: message => { calls.push(message) },
    terminate: async () => {
      calls.push('terminated')
      await terminate()
      return 1
    }
  }, 1000)
  return { watch, calls }
}

t.test('asks a thread again and again, and ends it when it does not answer', async t => {
  const { watch, calls } = setUp(t)
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
  const { watch } = setUp(t, () => Promise.reject(new Error('It goes on.')))
  watch.start()
  t.clock.advance(1000)
  await new Promise(process.nextTick)
  t.match(watch.error, { message: 'It goes on.' })
})

t.test('does not watch a thread without jobs', async t => {
  const { watch, calls } = setUp(t)
  watch.start()
  watch.stop()
  t.clock.advance(5000)
  t.strictSame(calls.splice(0), ['ping'])
  watch.start()
  t.strictSame(calls, ['ping'], 'starts again')
  watch.stop()
})
