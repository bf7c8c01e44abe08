import type { IgnoreRequests } from '../types.js'

/** Whether requests of a route are left out; `path` is its template, or `__unmatched__`. */
export function isIgnored (ignore: IgnoreRequests, path: string): boolean {
  if (typeof ignore === 'function') return ignore(path)
  const rules = Array.isArray(ignore) ? ignore : [ignore]
  // `search` starts at the beginning whatever the flags: `test` of a `/g` pattern would go on where it last stopped.
  return rules.some(rule => typeof rule === 'string' ? rule === path : path.search(rule) >= 0)
}
