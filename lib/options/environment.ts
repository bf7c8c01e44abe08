import { env } from 'node:process'
import { errors, received } from '../errors.js'
import { PORT, TOKEN } from './endpoint-rules.js'
import { isPath, PATH, redacted } from './rules.js'

const TRUE = ['true', '1', 'yes', 'on']
const FALSE = ['false', '0', 'no', 'off']
const AUTO = 'auto'

/**
 * The boolean that an environment variable states; `undefined` if it is unset or empty.
 * @throws DYNOAI_METRICS_ERR_ENV for any other value
 */
export function environmentBoolean (name: string): boolean | undefined {
  return readBoolean(name, [])
}

/**
 * As `environmentBoolean`, and `'auto'`.
 * @throws DYNOAI_METRICS_ERR_ENV for any other value
 */
export function environmentAutoOrBoolean (name: string): 'auto' | boolean | undefined {
  return wordOf(name) === AUTO ? AUTO : readBoolean(name, [AUTO])
}

function readBoolean (name: string, otherWords: readonly string[]): boolean | undefined {
  const word = wordOf(name)
  if (word === '') return undefined
  if (TRUE.includes(word)) return true
  if (FALSE.includes(word)) return false
  const words = [...TRUE, ...FALSE, ...otherWords]
  throw new errors.ERR_ENV(name, `one of ${words.join(', ')}, or empty`, received(env[name]))
}

function wordOf (name: string): string {
  return (env[name] ?? '').trim().toLowerCase()
}

/**
 * The path of one route; `undefined` if the variable is unset or empty.
 * @throws DYNOAI_METRICS_ERR_ENV for any other value
 */
export function environmentPath (name: string): string | undefined {
  const value = env[name] ?? ''
  if (value === '') return undefined
  if (!isPath(value)) throw new errors.ERR_ENV(name, PATH, received(value))
  return value
}

/**
 * A bearer token; `undefined` if the variable is unset. An empty variable is an error: without a secret, the endpoint
 * must not become public.
 * @throws DYNOAI_METRICS_ERR_ENV for any other value
 */
export function environmentToken (name: string): string | undefined {
  const value = env[name]
  if (value !== undefined && !TOKEN[1](value)) {
    throw new errors.ERR_ENV(name, `${TOKEN[0]}; to have no token, unset it`, redacted(value))
  }
  return value
}

/** Any text; `undefined` if the variable is unset or empty. */
export function environmentText (name: string): string | undefined {
  const value = env[name] ?? ''
  return value === '' ? undefined : value
}

/**
 * A port; `undefined` if the variable is unset or empty.
 * @throws DYNOAI_METRICS_ERR_ENV for any other value
 */
export function environmentPort (name: string): number | undefined {
  const value = env[name] ?? ''
  if (value === '') return undefined
  const port = /^\d+$/.test(value) ? Number(value) : NaN
  if (!PORT[1](port)) throw new errors.ERR_ENV(name, PORT[0], received(value))
  return port
}
