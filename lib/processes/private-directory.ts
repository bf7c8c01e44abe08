import { lstatSync, mkdirSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { errors, received } from '../errors.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/** The permissions of the group and of others. */
const OTHERS = 0o077

/**
 * Creates a directory that only this user can read and write. A directory that exists must already be private, since
 * its files may come from another user. On Windows, whose permissions Node does not show, the owner and the
 * permissions are not checked: there the temporary directory is one of the user.
 * @throws DYNOAI_METRICS_ERR_DIRECTORY if it cannot be created or is not private; `ENOENT` if it is removed meanwhile
 */
export function openPrivateDirectory (path: string, system: System = localSystem): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (err) {
    // Systems differ in the code for a path that exists.
    if (!isUsed(path)) {
      throw new errors.ERR_DIRECTORY(path, 'be one that this process can create', received((err as Error).message))
    }
  }
  const problem = problemOf(lstatSync(path), system)
  if (problem !== undefined) throw new errors.ERR_DIRECTORY(path, problem.expected, problem.received)
}

/** Whether a path is a directory that only this user can read and write. */
export function isPrivateDirectory (path: string, system: System = localSystem): boolean {
  try {
    return problemOf(lstatSync(path), system) === undefined
  } catch {
    return false
  }
}

function isUsed (path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

// By lstat(): a symbolic link could lead to a directory of another user.
function problemOf (stats: Stats, system: System): { expected: string, received: string } | undefined {
  if (stats.isSymbolicLink()) return { expected: 'not be a symbolic link', received: 'a symbolic link' }
  if (!stats.isDirectory()) return { expected: 'be a directory', received: 'another kind of file' }
  const userId = system.userId()
  if (userId === undefined) return undefined
  if (stats.uid !== userId) {
    return { expected: `be owned by the user of this process, ${userId}`, received: `the owner ${stats.uid}` }
  }
  if ((stats.mode & OTHERS) !== 0) {
    const mode = (stats.mode & 0o777).toString(8)
    return { expected: 'give no permissions to the group and to others, as chmod 700', received: `the mode ${mode}` }
  }
  return undefined
}
