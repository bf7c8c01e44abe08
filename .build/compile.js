import ts from 'typescript'
import { removeOrphans } from './orphans.js'
import { ensureTapTypes } from './tap-types.js'
import { writeTypes } from './types.js'
import { writeVersion } from './version.js'

/** What is compiled into `dist`, each with the projects that it needs. */
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
 * Compiles what has changed of some parts, or of all.
 * @returns {boolean} whether it compiles
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

/** Compiles everything, and again whenever something changes; then tells whether it compiles. */
export function compileAlways (tell) {
  const status = ({ messageText }) => {
    // «Found 0 errors. Watching for file changes.»; the other messages are of a beginning.
    const [, errors] = /^Found (\d+) error/.exec(messageText) ?? []
    if (errors === undefined) return
    process.stderr.write(`${messageText}\n`)
    if (errors === '0') finish()
    tell(errors === '0')
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
  throw new Error(`There is no part of this name. Received: '${part}'`)
}
