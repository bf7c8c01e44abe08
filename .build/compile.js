import ts from 'typescript'
import { removeOrphans } from './orphans.js'
import { ensureTapTypes } from './tap-types.js'
import { writeTypes } from './types.js'
import { writeVersion } from './version.js'

/** The TypeScript projects of each part that is compiled into `dist`. */
const PROJECTS = {
  lib: ['lib', '.build/tsconfig.commonjs.json'],
  examples: ['examples'],
  dashboards: ['dashboards'],
  test: ['test']
}

const format = {
  getCurrentDirectory: () => process.cwd(),
  getCanonicalFileName: name => name,
  getNewLine: () => '\n'
}
const report = diagnostic => process.stderr.write(ts.formatDiagnosticsWithColorAndContext([diagnostic], format))
const projectsOf = parts => parts.flatMap(part => PROJECTS[part] ?? unknown(part))

/**
 * Compiles the changed files of some parts, or of all.
 * @returns {boolean} whether there are no errors
 */
export function compile (parts = Object.keys(PROJECTS)) {
  if (parts.includes('test')) ensureTapTypes()
  writeVersion()
  const host = ts.createSolutionBuilderHost(ts.sys, undefined, report)
  const status = ts.createSolutionBuilder(host, projectsOf(parts), {}).build()
  if (status !== ts.ExitStatus.Success) return false
  finish(parts)
  return true
}

/** Compiles everything, and again after each change; then calls `onCompiled` with whether there are no errors. */
export function compileAlways (onCompiled) {
  const status = ({ messageText }) => {
    // 'Found 0 errors. Watching for file changes.'; the other messages report a start.
    const [, errors] = /^Found (\d+) error/.exec(messageText) ?? []
    if (errors === undefined) return
    process.stderr.write(`${messageText}\n`)
    if (errors === '0') finish()
    onCompiled(errors === '0')
  }
  ensureTapTypes()
  writeVersion()
  const host = ts.createSolutionBuilderWithWatchHost(ts.sys, undefined, report, undefined, status)
  ts.createSolutionBuilderWithWatch(host, projectsOf(Object.keys(PROJECTS)), {}).build()
}

function finish (parts) {
  removeOrphans(parts)
  writeTypes()
}

function unknown (part) {
  throw new Error(`Unknown part. Received: '${part}'`)
}
