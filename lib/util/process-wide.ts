/**
 * Returns a value that all copies of this package in a process share. There are several copies if one is imported and
 * another required, or if versions differ. So the shape of the value under a name must not change: another shape needs
 * another version in the key.
 */
export function processWide<T> (name: string, make: () => T): T {
  const key = Symbol.for(`dynoai-metrics.${name}.v1`)
  const shared = globalThis as { [key]?: T }
  if (shared[key] === undefined) Object.defineProperty(shared, key, { value: make(), configurable: true })
  return shared[key]! // defined above
}
