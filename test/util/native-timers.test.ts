import t from 'tap'
import { nextTurn, now, onNextTurn } from '../../lib/util/native-timers.js'

t.test('uses the timers and the clock of Node under fake timers', async t => {
  t.clock.enter()
  const start = now()
  let turns = 0
  onNextTurn(() => { turns++ })
  await nextTurn()
  t.equal(turns, 1)
  while (now() === start);
  t.ok(now() > start)
})
