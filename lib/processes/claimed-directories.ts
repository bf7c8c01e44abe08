import { errors, received } from '../errors.js'
import { processWide } from '../util/process-wide.js'

/** The use of a directory by a plugin instance. */
export interface Claim {
  /**
   * Whether another instance may take over the directory: the application is not ready, and its start may have failed,
   * or it has been closed.
   */
  readonly isYielding: boolean
  /** Ends the use at once. */
  end (): void
}

/** The directories that plugin instances of this thread use, from all copies of this package. */
const claims = processWide('claimed-directories', () => new Map<string, Claim>())

/**
 * Checks that no other plugin instance of this thread uses a directory: each would count the other as another process.
 * @throws DYNOAI_METRICS_ERR_OPTION
 */
export function checkUnclaimed (directory: string): void {
  if (claims.get(directory)?.isYielding !== false) return
  throw conflictError(directory)
}

/** Creates the error for a directory that another plugin instance of this thread uses. */
export function conflictError (directory: string): Error {
  return new errors.ERR_OPTION('processes', 'false, or another directory than that of another instance of the plugin ' +
    "in this process; instances with another 'metricPrefix' or 'path' have another default directory",
  received(directory))
}

/** Claims a directory for one plugin instance of this thread. Ends the use by an instance that yields. */
export function claimDirectory (directory: string, claim: Claim): void {
  checkUnclaimed(directory)
  claims.get(directory)?.end()
  claims.set(directory, claim)
}

/** Ends a claim, unless another instance has taken over the directory. */
export function unclaimDirectory (directory: string, claim: Claim): void {
  if (claims.get(directory) === claim) claims.delete(directory)
}
