import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

// tap builds itself here, with the plugins in package.json.
const BUILT = 'node_modules/@tapjs/test/test-built/dist/esm/index.js'

/** Makes tap build its types, which the tests are compiled with, if they lack a plugin. */
export function ensureTapTypes () {
  const { tap } = JSON.parse(readFileSync('package.json', 'utf8'))
  const added = tap.plugin.filter(name => !name.startsWith('!'))
  const built = readIfExists(BUILT)
  if (added.every(name => built.includes(name))) return
  const stdio = ['ignore', 'ignore', 'inherit']
  const { status } = spawnSync(process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'build'], { stdio })
  if (status !== 0) throw new Error('tap does not build its plugins')
}

function readIfExists (path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (err) {
    if (err.code !== 'ENOENT') throw err
    return ''
  }
}
