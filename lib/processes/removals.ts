import type { Family } from '../series/family.js'
import type { RemovalListener } from '../series/removal-listener.js'

/** Passes on what one family reports: plugin instances that share a registry also share its families. */
class SharedListener implements RemovalListener {
  readonly listeners = new Set<RemovalListener>()

  removed (metric: string, labelValues: readonly string[]): void {
    for (const listener of this.listeners) listener.removed(metric, labelValues)
  }

  reset (metric: string): void {
    for (const listener of this.listeners) listener.reset(metric)
  }
}

/** Adds a listener to a family. */
export function addRemovalListener (family: Family, listener: RemovalListener): void {
  const shared = family.listener instanceof SharedListener ? family.listener : new SharedListener()
  family.listener = shared
  shared.listeners.add(listener)
}

/** Removes a listener from a family. */
export function deleteRemovalListener (family: Family, listener: RemovalListener): void {
  if (family.listener instanceof SharedListener) family.listener.listeners.delete(listener)
}
