import { errors, received } from '../errors.js'
import { processWide } from '../util/process-wide.js'

/** The directories that plugin instances of this thread use, from all copies of this package. */
const claimed = processWide('claimed-directories', () => new Set<string>())

/**
 * Checks that no other plugin instance of this thread uses a directory: each would count the other as another process.
 * @throws DYNOAI_METRICS_ERR_OPTION
 */
export function checkUnclaimed (directory: string): void {
  if (!claimed.has(directory)) return
  throw new errors.ERR_OPTION('processes', 'false, or another directory than that of another instance of the plugin ' +
    "in this process; instances with another 'metricPrefix' or 'path' have another default directory",
  received(directory))
}

/** Claims a directory for one plugin instance of this thread. Returns a function that ends this. */
export function claim (directory: string): () => void {
  checkUnclaimed(directory)
  claimed.add(directory)
  return () => { claimed.delete(directory) }
}
