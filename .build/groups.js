import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'

const TESTS = 'dist/test'
const GROUPS = 'dist/groups'

/** Folders of `test` whose tests `npm test` does not run, and that of the benchmark. */
const ELSEWHERE = ['integration', 'matrix', 'bench']

/** Files that need a process of their own, and why. */
const ALONE = {
  'package.test.js': 'it packs and installs before it declares its tests',
  'endpoint/fake-timers.test.js': 'undici keeps a timer that it made from a fake one',
  'exposition/collectors.test.js': 'it measures how much memory stays, which is more on Node 24 after the properties of fuzz.test.ts',
  'dynoai/uploads-unnoticed.test.js': 'it watches the process for warnings from its first line on'
}

/** The groups that take longest, which begin first: else one of them would run alone at the end. */
const LONGEST = ['examples', 'requests', 'root', 'endpoint']

/**
 * Writes a file for each folder of tests that imports all of them, and gives what tap is to run. To start a process for
 * each of 160 files would take as long as the tests do.
 */
export function writeGroups () {
  rmSync(GROUPS, { recursive: true, force: true })
  mkdirSync(GROUPS)
  const groups = new Map()
  for (const file of testFiles()) groups.set(groupOf(file), [...groups.get(groupOf(file)) ?? [], file])
  const paths = [...groups].map(([name, files]) => {
    // tap runs them in the order of their names.
    const path = `${GROUPS}/${LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length}-${name}.test.js`
    writeFileSync(path, files.map(file => `import '../test/${file}'\n`).join(''))
    return path
  })
  return [...paths, ...Object.keys(ALONE).map(file => `${TESTS}/${file}`)]
}

/** What was compiled of the tests in groups. It throws if a test was not compiled, or one that is to run alone is not there. */
function testFiles () {
  const files = readdirSync('test').filter(name => !ELSEWHERE.includes(name)).flatMap(filesOf)
    .filter(path => path.endsWith('.test.ts')).map(path => path.replace(/\.ts$/, '.js'))
  const missing = files.filter(file => !existsSync(`${TESTS}/${file}`))
  if (missing.length > 0) throw new Error(`Not compiled: ${missing.join(', ')}. Remove dist and compile again.`)
  const unknown = Object.keys(ALONE).filter(file => !files.includes(file))
  if (unknown.length > 0) throw new Error(`There is no test of this name: ${unknown.join(', ')}`)
  return files.filter(file => !Object.hasOwn(ALONE, file))
}

/** What is below an entry of `test`, or the entry itself. */
function filesOf (name) {
  if (!statSync(`test/${name}`).isDirectory()) return [name]
  return readdirSync(`test/${name}`, { recursive: true, encoding: 'utf8' }).sort().map(path => `${name}/${path}`)
}

/** The folder of a test below `test`. */
function groupOf (file) {
  return /^(.+?)\//.exec(file)?.[1] ?? 'root'
}
