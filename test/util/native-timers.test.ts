import t from 'tap'
import { nextTurn, now, onNextTurn, repeat, stopRepeating } from '../../lib/util/native-timers.js'

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

t.test('repeats a call until it is stopped, also under fake timers, and keeps no process running', async t => {
  t.clock.enter()
  const calls: number[] = []
  const timer = repeat(() => { calls.push(now()) }, 1)
  t.notOk(timer.hasRef())
  while (calls.length < 3) await nextTurn()
  stopRepeating(timer)
  const end = now() + 20
  while (now() < end) await nextTurn()
  t.equal(calls.length, 3)
})
