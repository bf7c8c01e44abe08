import t from 'tap'
import { evictOldest } from '../../../examples/dynoai-api/evict-oldest.js'

t.test('deletes the oldest entries beyond the limit', async t => {
  for (const [maxSize, kept] of [[0, []], [2, ['b', 'c']], [3, ['a', 'b', 'c']], [4, ['a', 'b', 'c']]] as const) {
    const map = new Map([['a', 1], ['b', 2], ['c', 3]])
    evictOldest(map, maxSize)
    t.same([...map.keys()], kept, `at most ${maxSize}`)
  }
})
