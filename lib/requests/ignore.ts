import { errors, received } from '../errors.js'
import type { IgnoreRequests } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/**
 * Whether `requests.ignore` leaves out a route and method. `path` is the template of the route, or `__unmatched__`.
 * @throws DYNOAI_METRICS_ERR_OPTION for a function that does not return a boolean
 */
export function isIgnored (ignore: IgnoreRequests, path: string, method: string): boolean {
  if (typeof ignore === 'function') {
    const ignored: unknown = ignore(path, method)
    if (typeof ignored === 'boolean') return ignored
    ignoreRejection(ignored)
    throw new errors.ERR_OPTION('requests.ignore', 'a function that returns true or false', received(ignored))
  }
  const rules = Array.isArray(ignore) ? ignore : [ignore]
  // `search`, because `test` of a pattern with the flag `g` continues where the last match ended.
  return rules.some(rule => typeof rule === 'string' ? rule === path : path.search(rule) >= 0)
}
