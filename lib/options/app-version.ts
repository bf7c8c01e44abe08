import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, sep } from 'node:path'
import process from 'node:process'
import { fitsLabel } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'

/** The version of an application whose version cannot be read. */
export const UNKNOWN_VERSION = 'unknown'

/** The largest `package.json` that is read, in bytes. */
const MAX_FILE = 1024 * 1024

/** The script and the working directory of a process. */
export interface RunningScript {
  /** As in `process.argv`; `undefined` in the REPL and for code that is passed to `--eval`. */
  readonly mainScript: string | undefined
  workingDirectory (): string
}

/**
 * The version of the application: the one that npm reports, or that of the first `package.json` with a version. The
 * search goes upward from the real path of the main script, or from the working directory if that script is in
 * `node_modules`. It never throws.
 */
export function appVersion (
  npmVersion: string | undefined,
  running: RunningScript = { mainScript: process.argv[1], workingDirectory: process.cwd }
): string {
  const version = npmVersion ?? findVersion(attempt(() => startOf(running)))
  return version === undefined || !fitsLabel(version) ? UNKNOWN_VERSION : version.toWellFormed()
}

function startOf ({ mainScript, workingDirectory }: RunningScript): string | undefined {
  if (mainScript === undefined || !isAbsolute(mainScript)) return undefined
  // For `node server`, Node runs `server.js`, but `process.argv` has `server`.
  const realPath = attempt(() => realpathSync(mainScript)) ??
    attempt(() => realpathSync(`${mainScript}.js`)) ?? mainScript
  return realPath.split(sep).includes('node_modules') ? workingDirectory() : realPath
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
  // Reading something else than a file, such as a pipe, might never end.
  if (!stats.isFile() || stats.size > MAX_FILE) return undefined
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
  const version = isObject(manifest) ? manifest['version'] : undefined
  return typeof version === 'string' && version !== '' ? version : undefined
}

// An unreadable file counts as missing: an application must not fail because of a label.
function attempt<T> (fn: () => T): T | undefined {
  try {
    return fn()
  } catch {
    return undefined
  }
}
