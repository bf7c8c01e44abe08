import t from 'tap'
import { unref } from '../../lib/util/unref.js'

t.test('lets the process exit before a timer fires, and accepts the values of fake timers', async t => {
  const timer = setTimeout(() => {}, 1000)
  t.teardown(() => { clearTimeout(timer) })
  unref(timer)
  t.equal(timer.hasRef(), false)
  for (const fake of [undefined, 1, {}]) t.doesNotThrow(() => { unref(fake) })
})
