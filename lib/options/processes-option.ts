import { env } from 'node:process'
import type { ProcessesOptions } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { MAX_DELAY } from './endpoint-rules.js'
import { integer, nonEmptyString } from './rules.js'
import type { Rule, Rules } from './rules.js'

/** Which processes share their metrics, with all defaults. */
export interface ResolvedProcesses {
  readonly option: 'auto' | boolean | { readonly directory: string }
  /** The time between two writes, in milliseconds. */
  readonly interval: number
  /** The variables of PM2 that name the application. */
  readonly pm2: Readonly<Record<string, string | undefined>>
}

/** The rule of `processes`. */
export const PROCESSES: Rule = [
  "'auto', true, false or an object of 'directory' and 'interval'",
  value => value === 'auto' || typeof value === 'boolean' || isObject(value),
  'options'
]

/** The rules of the options in `processes`. */
export const PROCESSES_RULES: Rules<keyof ProcessesOptions> = {
  directory: nonEmptyString,
  interval: integer(100, MAX_DELAY, 'milliseconds')
}

/** Fills in the defaults of the checked option. An object without a directory is like `'auto'`. */
export function resolveProcesses (option: 'auto' | boolean | ProcessesOptions): ResolvedProcesses {
  const { directory, interval = 1000 } = typeof option === 'object' ? option : {}
  const { namespace, name, pm_exec_path: path } = env
  return Object.freeze({
    option: typeof option !== 'object' ? option : directory === undefined ? 'auto' : Object.freeze({ directory }),
    interval,
    pm2: Object.freeze({ namespace, name, pm_exec_path: path })
  })
}
