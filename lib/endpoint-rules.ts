import { checkHttps } from './https-rule.js'
import { isObject } from './is-object.js'
import { boolean, check, falseOrObject, filledString, hinted, object, secret, whole } from './rules.js'
import type { Level, Rule, Rules } from './rules.js'
import type { EndpointOptions } from './types.js'

/** What a bearer token must be: what a header can hold behind `Bearer`. */
export const TOKEN: Rule = ['of visible ASCII characters without a space', value => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value), 'secret']

/** What the number of a port must be. */
export const PORT: Rule = whole(0, 65_535)

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1

/** What the endpoint itself says of its route, and hooks that it does not run. */
const FIXED = ['method', 'url', 'path', 'handler', 'exposeHeadRoute', 'onSend', 'preSerialization']

const RULES: Rules<keyof EndpointOptions> = {
  bearerToken: hinted(TOKEN, 'to have none, leave it out'),
  basicAuth: secret(hinted(object, "its names are 'username' and 'password'")),
  // It may hold the key of a certificate.
  listen: secret(hinted(falseOrObject, "its names are 'host', 'port', 'https'")),
  routeOptions: [`an object without ${FIXED.join(', ')}`, value => isObject(value) && !FIXED.some(name => Object.hasOwn(value, name))],
  gzip: boolean,
  maxConcurrentScrapes: whole(1),
  collectTimeout: whole(1, MAX_DELAY, 'milliseconds')
}

const BASIC_AUTH_RULES: Rules = {
  username: ["a string that is not empty and has no ':'", value => typeof value === 'string' && /^[^:]+$/.test(value), 'secret'],
  password: secret(filledString)
}

const LISTEN_RULES: Rules = { host: filledString, port: PORT, https: secret(object) }

const ENDPOINT: Level = { parent: 'endpoint.', rules: RULES }
const BASIC_AUTH: Level = { parent: 'endpoint.basicAuth.', rules: BASIC_AUTH_RULES }
const LISTEN: Level = { parent: 'endpoint.listen.', rules: LISTEN_RULES }

/** The options of the endpoint and those within them. */
export const ENDPOINT_LEVELS: readonly Level[] = [ENDPOINT, BASIC_AUTH, LISTEN]

/**
 * Checks the options of the endpoint; `known` are the names of all options of the plugin; no error shows what may be a secret.
 * @throws DYNOAI_METRICS_ERR_OPTION, DYNOAI_METRICS_ERR_UNKNOWN_OPTION
 */
export function checkEndpoint (options: EndpointOptions, known: readonly string[]): void {
  check(options, ENDPOINT, known)
  const { basicAuth, listen } = options
  // `null` for one that is left out, since both are needed and `undefined` would pass.
  if (basicAuth !== undefined) check({ ...basicAuth, username: basicAuth.username ?? null, password: basicAuth.password ?? null }, BASIC_AUTH, known)
  if (typeof listen !== 'object') return
  check(listen, LISTEN, known)
  if (listen.https !== undefined) checkHttps({ ...listen.https })
}
