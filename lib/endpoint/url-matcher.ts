import type { FastifyInstance } from 'fastify'

/** The options of Fastify's router that decide which URLs it takes for a path. */
interface PathRules {
  readonly caseSensitive: boolean
  readonly ignoreTrailingSlash: boolean
  readonly ignoreDuplicateSlashes: boolean
  readonly useSemicolonDelimiter: boolean
}

/** What a request target in absolute form begins with. */
const ORIGIN = /^https?:\/\/[^/?#]*/i

/**
 * Tells of a URL whether the router of an instance takes it for a path without parameters. The router itself has no
 * answer for a method that has no routes.
 */
export function urlMatcher (fastify: FastifyInstance, path: string): (url: string) => boolean {
  const rules = pathRulesOf(fastify.initialConfig)
  const pathEnd = rules.useSemicolonDelimiter ? /[?#;]/ : /[?#]/
  // The router takes a `%` in the path of a route literally.
  const normalizedPath = normalize(path.replaceAll('%', '%25'), rules)
  return url => {
    const target = url.replace(ORIGIN, '')
    const length = target.search(pathEnd)
    const decoded = decode(length === -1 ? target : target.slice(0, length))
    return decoded !== null && normalize(decoded, rules) === normalizedPath
  }
}

function pathRulesOf (initialConfig: FastifyInstance['initialConfig']): PathRules {
  // Each may be given in `routerOptions` or beside them; where it is not, its default stands there.
  const { routerOptions = {}, ...config }: Partial<PathRules> & { readonly routerOptions?: Partial<PathRules> } = initialConfig
  const isEnabled = (name: Exclude<keyof PathRules, 'caseSensitive'>): boolean => config[name] === true || routerOptions[name] === true
  return {
    caseSensitive: config.caseSensitive !== false && routerOptions.caseSensitive !== false,
    ignoreTrailingSlash: isEnabled('ignoreTrailingSlash'),
    ignoreDuplicateSlashes: isEnabled('ignoreDuplicateSlashes'),
    useSemicolonDelimiter: isEnabled('useSemicolonDelimiter')
  }
}

/** A path with its characters decoded as the router does: those that delimit and `%` stay encoded; `null` if malformed. */
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
