import { errorCode } from './error-code.js'

/**
 * Why a file of a slot is not used:
 * - `foreign`: it does not begin as a file of this plugin does;
 * - `version`: another version of this plugin wrote it in another format;
 * - `truncated`: it is shorter than its header says;
 * - `too_large`: a size or a count in it exceeds a limit;
 * - `malformed`: its content breaks a rule of the format;
 * - `busy`: its owner wrote to it during each attempt to read it;
 * - `missing`: it was deleted during each attempt to read it;
 * - `unreadable`: the operating system reports an error.
 */
export type ProblemReason =
  'foreign' | 'version' | 'truncated' | 'too_large' | 'malformed' | 'busy' | 'missing' | 'unreadable'

/** A file that cannot be used. The readers of slots catch it, and report it to their caller. */
export class FileProblem extends Error {
  readonly reason: ProblemReason

  constructor (reason: ProblemReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Whether a later attempt to read the file may succeed, so that its content must not be given up. */
export function isTemporary ({ reason }: FileProblem): boolean {
  return reason === 'busy' || reason === 'missing' || reason === 'unreadable'
}

/**
 * An error as a problem with a file.
 * @throws an error that is neither a problem with a file nor an error of the operating system: it is a bug
 */
export function fileProblemOf (error: unknown): FileProblem {
  if (error instanceof FileProblem) return error
  const code = errorCode(error)
  if (code === undefined) throw error
  return new FileProblem(code === 'ENOENT' ? 'missing' : 'unreadable', (error as Error).message) // has a code
}
