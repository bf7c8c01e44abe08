import t from 'tap'
import { joinPaths } from '../../lib/util/join-paths.js'

t.test('joins a prefix and a path with one slash', async t => {
  for (const [prefix, path, joined] of [
    ['', '/metrics', '/metrics'],
    ['/v1', '/metrics', '/v1/metrics'], ['/v1/', '/metrics', '/v1/metrics'], ['/', '/metrics', '/metrics']
  ] as const) t.equal(joinPaths(prefix, path), joined)
})
