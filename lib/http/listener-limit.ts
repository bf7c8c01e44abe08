import type { EventEmitter } from 'node:events'

/** What has a limit of listeners. */
export type LimitedEmitter = Pick<EventEmitter, 'getMaxListeners' | 'setMaxListeners'>

/**
 * Raises by one how many listeners of an event an emitter takes without a warning, for one of ours: an application that
 * adds as many as it may is not warned of it, and is still warned of one too many of its own.
 */
export function raiseListenerLimit (emitter: LimitedEmitter): void {
  changeLimit(emitter, 1)
}

/** Takes back what `makeRoom` gave, with a listener that is removed. */
export function lowerListenerLimit (emitter: LimitedEmitter): void {
  changeLimit(emitter, -1)
}

function changeLimit (emitter: LimitedEmitter, by: number): void {
  const limit = emitter.getMaxListeners()
  // 0 is no limit.
  if (limit !== 0) emitter.setMaxListeners(Math.max(limit + by, 1))
}
