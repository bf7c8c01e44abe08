// Compiles what has changed, then runs tap on the compiled tests: all of them, in groups; or files and folders by the
// names of their sources, such as `test/options/options.test.ts`, without coverage. `--watch` continues and runs the
// tests that a change affects. The variable TEST_ORDER_SEED puts the files of each group into a random order.
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { compile, compileAlways } from './compile.js'
import { writeGroups } from './groups.js'

const args = process.argv.slice(2)
// tap leaves one core unused, which is half of two. A group takes longer than tap's limit for a file.
const ALL = [`--jobs=${availableParallelism()}`, '--timeout=600']
const WITHOUT_COVERAGE = ['--disable-coverage', '--allow-incomplete-coverage', '--allow-empty-coverage']

if (args.includes('--watch')) watch(args.filter(arg => arg !== '--watch').map(compiled))
else if (!compile()) process.exitCode = 1
else if (args.some(isTest)) run([...WITHOUT_COVERAGE, ...args.map(compiled)])
else run([...ALL, ...args, ...writeGroups()])

function run (args) {
  runTap(args).once('exit', code => { process.exitCode = code ?? 1 })
}

function isTest (arg) {
  return relative('', arg).startsWith('test')
}

/** The compiled form of a test, or the pattern of all tests in a folder. */
function compiled (arg) {
  if (!isTest(arg)) return arg
  const path = `dist/${relative('', arg)}`
  return statSync(arg, { throwIfNoEntry: false })?.isDirectory() ? `${path}/**/*.test.js` : path.replace(/\.ts$/, '.js')
}

function runTap (args) {
  return spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', ...args], { stdio: 'inherit' })
}

/** Runs tests after each change, one run at a time: a change during a run is tested after it. */
function watch (files) {
  let running = false
  let changed = false
  const runChanged = () => {
    running = true
    changed = false
    runTap(['--changed', ...WITHOUT_COVERAGE, ...files]).once('exit', () => {
      running = false
      if (changed) runChanged()
    })
  }
  compileAlways(compiles => {
    if (!compiles) return
    changed = true
    if (!running) runChanged()
  })
}
