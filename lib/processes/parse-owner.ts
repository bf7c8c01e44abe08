import { isObject } from '../util/is-object.js'
import type { Owner, ThreadIdentity } from './owner.js'

/** UTF-16 units of the longest string that is read. */
const MAX_STRING = 256

/** The largest pid and thread id. Node accepts no larger pid. */
const MAX_ID = 2 ** 31 - 1

/**
 * Reads the identity of a thread. A field with a wrong value is `null`: then less is known of the thread, and it counts
 * as running for longer. Without a pid nothing is known, and the result is `undefined`.
 */
export function parseIdentity (value: unknown): ThreadIdentity | undefined {
  const read = isObject(value) ? value : {}
  const pid = integerOf(read['pid'], 1, MAX_ID)
  if (pid === null) return undefined
  const thread = integerOf(read['thread'], 1, MAX_ID)
  const started = integerOf(read['started'], 0, Number.MAX_SAFE_INTEGER)
  return {
    pid,
    ...(thread === null || started === null ? { thread: null, started: null } : { thread, started }),
    boot: stringOf(read['boot']),
    namespace: stringOf(read['namespace'])
  }
}

/** Reads an owner, as {@link parseIdentity} does. */
export function parseOwner (value: unknown): Owner | undefined {
  const identity = parseIdentity(value)
  if (identity === undefined) return undefined
  const read = value as Record<string, unknown> // since it has a pid
  return {
    ...identity,
    isReleased: read['isReleased'] === true,
    interval: integerOf(read['interval'], 1, MAX_ID),
    version: stringOf(read['version'])
  }
}

function integerOf (value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null
}

function stringOf (value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_STRING ? value : null
}
