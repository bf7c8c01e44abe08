import { UNMATCHED } from '../options/unmatched.js'

/** The method of a request whose method is none of RFC 9110 and RFC 5789. */
export const OTHER_METHOD = '_OTHER'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])

/** The label of a method: itself, or `_OTHER` when it is none of the nine standard ones. */
export function methodLabel (method: string): string {
  return METHODS.has(method) ? method : OTHER_METHOD
}

/** The label of a route: its template with every prefix, or `__unmatched__`. */
export function pathLabel (url: string | undefined): string {
  return url ?? UNMATCHED
}

/** The label of a status: its code, or with `grouped` its class, `2xx`. */
export function statusLabel (status: number, grouped: boolean): string {
  return grouped ? `${Math.floor(status / 100)}xx` : String(status)
}
