import type { FastifyInstance } from 'fastify'

/** The options of Fastify's router that decide which URLs match a path. */
interface PathRules {
  readonly caseSensitive: boolean
  readonly ignoreTrailingSlash: boolean
  readonly ignoreDuplicateSlashes: boolean
  readonly useSemicolonDelimiter: boolean
}

/** The origin at the beginning of a request target in absolute form. */
const ORIGIN = /^https?:\/\/[^/?#]*/i

/**
 * Creates a function that returns whether a URL matches a path without parameters, by the rules of an instance's
 * router. The router itself cannot be used: it finds nothing for a method that has no routes.
 */
export function urlMatcher (fastify: FastifyInstance, path: string): (url: string) => boolean {
  const rules = pathRulesOf(fastify.initialConfig)
  const pathEnd = rules.useSemicolonDelimiter ? /[?#;]/ : /[?#]/
  // In the path of a route, the router treats a `%` as a literal character.
  const normalizedPath = normalize(path.replaceAll('%', '%25'), rules)
  return url => {
    const target = url.replace(ORIGIN, '')
    const length = target.search(pathEnd)
    const decoded = decode(length === -1 ? target : target.slice(0, length))
    return decoded !== null && normalize(decoded, rules) === normalizedPath
  }
}

function pathRulesOf (initialConfig: FastifyInstance['initialConfig']): PathRules {
  // Each option may be set in `routerOptions` or directly; where it is not set, `initialConfig` contains its default.
  type Config = Partial<PathRules> & { readonly routerOptions?: Partial<PathRules> }
  const { routerOptions = {}, ...config }: Config = initialConfig
  const isEnabled = (name: Exclude<keyof PathRules, 'caseSensitive'>): boolean =>
    config[name] === true || routerOptions[name] === true
  return {
    caseSensitive: config.caseSensitive !== false && routerOptions.caseSensitive !== false,
    ignoreTrailingSlash: isEnabled('ignoreTrailingSlash'),
    ignoreDuplicateSlashes: isEnabled('ignoreDuplicateSlashes'),
    useSemicolonDelimiter: isEnabled('useSemicolonDelimiter')
  }
}

/** Decodes a path as the router does: delimiters and `%` stay encoded. Returns `null` for a malformed path. */
function decode (path: string): string | null {
  if (!path.includes('%')) return path
  try {
    return decodeURI(path.replaceAll('%25', '%2525'))
  } catch {
    return null
  }
}

function normalize (path: string, { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes }: PathRules): string {
  let result = ignoreDuplicateSlashes ? path.replace(/\/{2,}/g, '/') : path
  if (ignoreTrailingSlash && result.length > 1 && result.endsWith('/')) result = result.slice(0, -1)
  return caseSensitive ? result : result.toLowerCase()
}
