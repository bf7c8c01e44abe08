import { readFileSync } from 'node:fs'
import t from 'tap'
import { root } from '../fixtures/root.js'
import { version } from '../../lib/registry/version.js'

t.test('is the version in package.json', async t => {
  t.equal(version, JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version)
})
