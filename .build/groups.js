import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'

const TESTS = 'dist/test'
const GROUPS = 'dist/groups'

/** Folders of `test` that `npm test` does not run. */
const OTHER_FOLDERS = ['integration', 'matrix', 'bench']

/** Files that need their own process, and why. */
const ALONE = {
  'package.test.js': 'it packs and installs before it declares its tests',
  'endpoint/fake-timers.test.js': 'undici keeps a timer that it created from a fake one',
  // More memory stays allocated on Node 24 after fuzz.test.ts.
  'exposition/collectors.test.js': 'it measures how much memory stays allocated',
  'processes/cluster.test.js': 'it mostly waits for other processes, so it runs beside other tests',
  'processes/directory.test.js': 'it mostly waits for other processes, so it runs beside other tests',
  'processes/pm2.test.js': 'it mostly waits for other processes, so it runs beside other tests',
  'dynoai/uploads-unnoticed.test.js': 'it records all warnings of the process'
}

/** The groups that take longest. They start first; otherwise one of them would run alone at the end. */
const LONGEST = ['examples', 'processes', 'requests', 'root', 'endpoint']

/**
 * Writes a file for each folder of tests that imports all tests of the folder, and returns the files for tap. Starting
 * a process for each of 160 files would take as long as the tests.
 */
export function writeGroups () {
  rmSync(GROUPS, { recursive: true, force: true })
  mkdirSync(GROUPS)
  const groups = new Map()
  for (const file of testFiles()) groups.set(groupOf(file), [...groups.get(groupOf(file)) ?? [], file])
  const paths = [...groups].map(([name, files]) => {
    // tap runs them in the order of their names.
    const path = `${GROUPS}/${LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length}-${name}.test.js`
    const imports = inOrder(files).map(file => `import '../test/${file}'\n`).join('')
    writeFileSync(path, `import { startTests } from '../../.build/hold-tests.js'\n${imports}startTests()\n`)
    return path
  })
  return [...paths, ...Object.keys(ALONE).map(file => `${TESTS}/${file}`)]
}

/** The files of a group, in a random order if TEST_ORDER_SEED is set: no test may need another one before it. */
function inOrder (files) {
  const { TEST_ORDER_SEED: seed = '' } = process.env
  if (seed === '') return files
  const keyOf = file => createHash('sha256').update(`${seed} ${file}`).digest('hex')
  return files.map(file => [keyOf(file), file]).sort().map(([, file]) => file)
}

/** The compiled tests of the groups. It throws if a test was not compiled, or if a file of `ALONE` does not exist. */
function testFiles () {
  const files = readdirSync('test').filter(name => !OTHER_FOLDERS.includes(name)).flatMap(filesOf)
    .filter(path => path.endsWith('.test.ts')).map(path => path.replace(/\.ts$/, '.js'))
  const missing = files.filter(file => !existsSync(`${TESTS}/${file}`))
  if (missing.length > 0) throw new Error(`Not compiled: ${missing.join(', ')}. Remove dist and compile again.`)
  const unknown = Object.keys(ALONE).filter(file => !files.includes(file))
  if (unknown.length > 0) throw new Error(`Unknown tests: ${unknown.join(', ')}`)
  return files.filter(file => !Object.hasOwn(ALONE, file))
}

/** The files below an entry of `test`, or the entry itself. */
function filesOf (name) {
  if (!statSync(`test/${name}`).isDirectory()) return [name]
  return readdirSync(`test/${name}`, { recursive: true, encoding: 'utf8' }).sort().map(path => `${name}/${path}`)
}

/** The folder of a test in `test`. */
function groupOf (file) {
  return /^(.+?)\//.exec(file)?.[1] ?? 'root'
}
