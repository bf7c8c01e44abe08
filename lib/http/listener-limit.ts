import type { EventEmitter } from 'node:events'

/** An emitter with a limit of listeners. */
export type LimitedEmitter = Pick<EventEmitter, 'getMaxListeners' | 'setMaxListeners'>

/**
 * Raises an emitter's limit of listeners by one, for a listener of this plugin. So an application that adds as many
 * listeners as the limit allows gets no warning, and one that adds more still gets it.
 */
export function raiseListenerLimit (emitter: LimitedEmitter): void {
  changeLimit(emitter, 1)
}

/** Undoes `raiseListenerLimit` when the listener is removed. */
export function lowerListenerLimit (emitter: LimitedEmitter): void {
  changeLimit(emitter, -1)
}

function changeLimit (emitter: LimitedEmitter, change: number): void {
  const limit = emitter.getMaxListeners()
  // 0 means no limit.
  if (limit !== 0) emitter.setMaxListeners(Math.max(limit + change, 1))
}
