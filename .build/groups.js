import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'

const TESTS = 'dist/test'
const GROUPS = 'dist/groups'

/** Folders whose tests `npm test` does not run. */
const ELSEWHERE = ['integration', 'matrix']

/** Files that need a process of their own, and why. */
const ALONE = {
  'endpoint/fake-timers.test.js': 'undici keeps a timer that it made from a fake one',
  'business/uploads-unnoticed.test.js': 'it watches the process for warnings from its first line on'
}

/**
 * Writes a file for each folder of tests that imports all of them, and gives what tap is to run, the largest first. To start
 * a process for each of 160 files would take as long as the tests do.
 */
export function writeGroups () {
  rmSync(GROUPS, { recursive: true, force: true })
  mkdirSync(GROUPS)
  const groups = new Map()
  for (const file of readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).sort()) {
    const [, folder = 'root'] = /^(\w+)\//.exec(file) ?? []
    if (!file.endsWith('.test.js') || ELSEWHERE.includes(folder) || Object.hasOwn(ALONE, file)) continue
    groups.set(folder, [...groups.get(folder) ?? [], file])
  }
  const bySize = [...groups].sort(([, a], [, b]) => b.length - a.length)
  const paths = bySize.map(([folder, files]) => {
    const path = `${GROUPS}/${folder}.test.js`
    writeFileSync(path, files.map(file => `import '../test/${file}'\n`).join(''))
    return path
  })
  return [...paths, ...Object.keys(ALONE).map(file => `${TESTS}/${file}`)]
}
