/**
 * A value that all copies of this package in a process share: one may be imported and another required, or their
 * versions may differ. What is kept under a name must keep its shape; another shape takes another version in the key.
 */
export function processWide<T> (name: string, make: () => T): T {
  const key = Symbol.for(`dynoai-metrics.${name}.v1`)
  const shared = globalThis as { [key]?: T }
  if (shared[key] === undefined) Object.defineProperty(shared, key, { value: make(), configurable: true })
  // Just defined, if it was not before.
  return shared[key]!
}
