import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, sep } from 'node:path'
import process from 'node:process'
import { isObject } from '../util/is-object.js'

/** The version of an application that tells none. */
export const UNKNOWN_VERSION = 'unknown'

/** UTF-16 units of the longest version that becomes a label. */
const MAX_VERSION = 256

/** Bytes of the largest `package.json` that is read. */
const MAX_FILE = 1024 * 1024

/** Where a process runs, and what. */
export interface RunningScript {
  /** As in `process.argv`; `undefined` in the REPL and for code that is given to `--eval`. */
  readonly mainScript: string | undefined
  workingDirectory (): string
}

/**
 * The version of the application: the one that npm states, else that of the first `package.json` that has one, from the
 * real path of the main script upward, or from the working directory where that script lies in `node_modules`. It never
 * throws.
 */
export function appVersion (
  stated: string | undefined, running: RunningScript = { mainScript: process.argv[1], workingDirectory: process.cwd }
): string {
  const version = stated ?? findVersion(attempt(() => startOf(running)))
  return version === undefined || version.length > MAX_VERSION ? UNKNOWN_VERSION : version.toWellFormed()
}

function startOf ({ mainScript, workingDirectory }: RunningScript): string | undefined {
  if (mainScript === undefined || !isAbsolute(mainScript)) return undefined
  // For `node server` Node runs `server.js`, and shows what it was given.
  const real = attempt(() => realpathSync(mainScript)) ?? attempt(() => realpathSync(`${mainScript}.js`)) ?? mainScript
  return real.split(sep).includes('node_modules') ? workingDirectory() : real
}

function findVersion (start: string | undefined): string | undefined {
  for (let directory = start; directory !== undefined; directory = parentOf(directory)) {
    const manifest = join(directory, 'package.json')
    const version = attempt(() => readVersion(manifest))
    if (version !== undefined) return version
  }
  return undefined
}

function parentOf (path: string): string | undefined {
  const parent = dirname(path)
  return parent === path ? undefined : parent
}

function readVersion (file: string): string | undefined {
  const stats = statSync(file)
  // Anything but a file, such as a pipe, could be read without end.
  if (!stats.isFile() || stats.size > MAX_FILE) return undefined
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
  const version = isObject(manifest) ? manifest['version'] : undefined
  return typeof version === 'string' && version !== '' ? version : undefined
}

// What cannot be read is as if it was not there: an application must not fail for a label.
function attempt<T> (fn: () => T): T | undefined {
  try {
    return fn()
  } catch {
    return undefined
  }
}
