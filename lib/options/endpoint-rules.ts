import type { EndpointOptions } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { boolean, falseOrOptions, integer, nonEmptyString, object, options, secret, withHint } from './rules.js'
import type { Rule, Rules } from './rules.js'

/** The rule of a bearer token: a header can contain it after `Bearer`. */
export const TOKEN: Rule = [
  'a string of visible ASCII characters without a space',
  value => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
  'secret'
]

/** The rule of a port. */
export const PORT: Rule = integer(0, 65_535)

/** The longest delay of a timer, in milliseconds. */
export const MAX_DELAY = 2 ** 31 - 1

/** The route options that the endpoint sets itself, and hooks that it does not run. */
const FIXED = ['method', 'url', 'path', 'handler', 'exposeHeadRoute', 'onSend', 'preSerialization']

/** The rules of `endpoint`. */
export const ENDPOINT_RULES: Rules<keyof EndpointOptions> = {
  bearerToken: withHint(TOKEN, 'to have none, leave it out'),
  basicAuth: secret(withHint(options, "its names are 'username' and 'password'")),
  // It may contain the private key of a certificate.
  listen: secret(withHint(falseOrOptions, "its names are 'host', 'port', 'https'")),
  // It may contain a misplaced token, which belongs one level up.
  routeOptions: secret([
    `an object without ${FIXED.join(', ')}`,
    value => isObject(value) && !FIXED.some(name => Object.hasOwn(value, name)),
    'options'
  ]),
  gzip: boolean,
  maxConcurrentScrapes: integer(1),
  collectTimeout: integer(1, MAX_DELAY, 'milliseconds')
}

/** The rules of `endpoint.basicAuth`. */
export const BASIC_AUTH_RULES: Rules = {
  username: [
    "a string that is not empty and has no ':'",
    value => typeof value === 'string' && /^[^:]+$/.test(value),
    'secret'
  ],
  password: secret(nonEmptyString)
}

/** The rules of `endpoint.listen`. */
export const LISTEN_RULES: Rules = { host: nonEmptyString, port: PORT, https: secret(object) }

/** The full names of the options that give access to the endpoint. */
export const CREDENTIALS = ['endpoint.bearerToken', 'endpoint.basicAuth']

/** Options of Fastify's routes that have the same name as options of this package. */
export const SHARED_ROUTE_OPTIONS = ['logLevel', 'logSerializers']
