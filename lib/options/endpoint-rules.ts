import type { EndpointOptions } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { boolean, falseOrOptions, nonEmptyString, withHint, object, options, secret, integer } from './rules.js'
import type { Rule, Rules } from './rules.js'

/** What a bearer token must be: what a header can hold behind `Bearer`. */
export const TOKEN: Rule = ['a string of visible ASCII characters without a space', value => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value), 'secret']

/** What the number of a port must be. */
export const PORT: Rule = integer(0, 65_535)

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1

/** What the endpoint itself says of its route, and hooks that it does not run. */
const FIXED = ['method', 'url', 'path', 'handler', 'exposeHeadRoute', 'onSend', 'preSerialization']

/** The options of the endpoint. */
export const ENDPOINT_RULES: Rules<keyof EndpointOptions> = {
  bearerToken: withHint(TOKEN, 'to have none, leave it out'),
  basicAuth: secret(withHint(options, "its names are 'username' and 'password'")),
  // It may hold the key of a certificate.
  listen: secret(withHint(falseOrOptions, "its names are 'host', 'port', 'https'")),
  // A token may stand there in place of one level up.
  routeOptions: secret([
    `an object without ${FIXED.join(', ')}`,
    value => isObject(value) && !FIXED.some(name => Object.hasOwn(value, name)),
    'options'
  ]),
  gzip: boolean,
  maxConcurrentScrapes: integer(1),
  collectTimeout: integer(1, MAX_DELAY, 'milliseconds')
}

/** The options of basic authentication. */
export const BASIC_AUTH_RULES: Rules = {
  username: ["a string that is not empty and has no ':'", value => typeof value === 'string' && /^[^:]+$/.test(value), 'secret'],
  password: secret(nonEmptyString)
}

/** The options of a listener of its own. */
export const LISTEN_RULES: Rules = { host: nonEmptyString, port: PORT, https: secret(object) }

/** The names of what opens the endpoint, in full. */
export const CREDENTIALS = ['endpoint.bearerToken', 'endpoint.basicAuth']

/** Options of Fastify's routes that are called as options of this package. */
export const SHARED_ROUTE_OPTIONS = ['logLevel', 'logSerializers']
