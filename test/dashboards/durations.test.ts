import t from 'tap'
import { secondsOf, wordsOf } from '../../dashboards/src/rules/durations.js'

t.test('reads durations', async t => {
  t.strictSame(['30s', '5m', '1h', '3d'].map(secondsOf), [30, 300, 3600, 259_200])
  for (const duration of ['', '5', '1h30m', '5w', '-1h']) {
    t.throws(() => secondsOf(duration), { message: `Not a duration with one unit: ${duration}` })
  }
})

t.test('writes durations in words that follow "the last"', async t => {
  t.strictSame(['30s', '1m', '5m', '1h', '6h', '1d'].map(wordsOf),
    ['30 seconds', 'minute', '5 minutes', 'hour', '6 hours', 'day'])
})
