import { isAlive, isVisible } from './owner.js'
import type { Owner } from './owner.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/**
 * How long after its last write an owner counts as running whose pid cannot be checked, in milliseconds, if that is
 * more than {@link SILENT_INTERVALS}.
 */
const MAX_SILENCE = 60_000

/** How many intervals without a write such an owner counts as running at least. */
const SILENT_INTERVALS = 3

/** What is known of the owner of a slot. */
export interface Ownership {
  /** `undefined` if its file names no process. */
  readonly owner: Owner | undefined
  /** Returns when it last wrote its owner file or its counts, in milliseconds since 1970. */
  readonly lastWrite: () => number
}

/**
 * Whether the owner of a slot may be running. Otherwise its counts can be inherited. An owner whose pid cannot be
 * checked, since it is on another machine or in another container, and that is stopped for a minute, counts as ended:
 * another process inherits its counts. If it runs again, its counts are there twice.
 */
export function isOwned ({ owner, lastWrite }: Ownership, system: System = localSystem): boolean {
  if (owner !== undefined && !isAlive(owner, system)) return false
  // Without the boot id, a process with the same pid may be another one. All that is older than the boot has ended.
  if (owner === undefined || owner.boot === null) return lastWrite() >= system.now() - system.uptime()
  if (isVisible(owner, system)) return true
  return lastWrite() >= system.now() - Math.max(MAX_SILENCE, SILENT_INTERVALS * (owner.interval ?? 0))
}
