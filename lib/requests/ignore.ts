import { errors, received } from '../errors.js'
import type { IgnoreRequests } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/**
 * Whether requests of a route with this method are left out; `path` is its template, or `__unmatched__`.
 * @throws DYNOAI_METRICS_ERR_OPTION for a function that gives no boolean
 */
export function isIgnored (ignore: IgnoreRequests, path: string, method: string): boolean {
  if (typeof ignore === 'function') {
    const ignored: unknown = ignore(path, method)
    if (typeof ignored === 'boolean') return ignored
    ignoreRejection(ignored)
    throw new errors.ERR_OPTION('requests.ignore', 'a function that gives true or false', received(ignored))
  }
  const rules = Array.isArray(ignore) ? ignore : [ignore]
  // `search` starts at the beginning whatever the flags: `test` of a `/g` pattern would go on where it last stopped.
  return rules.some(rule => typeof rule === 'string' ? rule === path : path.search(rule) >= 0)
}
