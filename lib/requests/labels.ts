import { UNMATCHED } from '../options/unmatched.js'

/** The label of a method that is not defined in RFC 9110 or RFC 5789. */
const OTHER_METHOD = '_OTHER'

const STANDARD_METHODS: ReadonlySet<string> = new Set([
  'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'
])

/** The label of a method: the method, or `_OTHER` if it is not one of the nine standard methods. */
export function methodLabel (method: string): string {
  return STANDARD_METHODS.has(method) ? method : OTHER_METHOD
}

/** The label of a route: its template with all prefixes, or `__unmatched__`. */
export function pathLabel (url: string | undefined): string {
  return url ?? UNMATCHED
}

/** The label of a status: its code, or with `isGrouped` its class, such as `2xx`. */
export function statusLabel (status: number, isGrouped: boolean): string {
  return isGrouped ? `${Math.floor(status / 100)}xx` : String(status)
}
