import t from 'tap'
import { NumberArena } from '../../lib/processes/number-arena.js'

t.test('arrays do not overlap, and are replaced after a reset', async t => {
  const arena = new NumberArena()
  const arrays = [10, 0, 2000, 5, 3000].map((count, i) => arena.take(count).fill(i))
  for (const [i, array] of arrays.entries()) t.ok(array.every(value => value === i), String(i))
  arena.reset()
  const [first, second] = [arena.take(5000), arena.take(15)]
  t.equal(first.buffer, second.buffer, 'one chunk suffices for as much as before')
  arena.reset()
  t.equal(arena.take(1).buffer, first.buffer)
})

t.test('memory that one large slot needed is released by the next merge', async t => {
  const arena = new NumberArena()
  arena.take(100_000)
  arena.trim()
  t.equal(arena.take(10).buffer.byteLength, 800_000, 'it was needed since the last time')
  arena.trim()
  t.equal(arena.take(10).buffer.byteLength, 80)
})
