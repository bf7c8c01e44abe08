/** Deletes the oldest entries of a map until it has at most `maxSize`. A map iterates in the order of insertion. */
export function evictOldest (map: Map<string, unknown>, maxSize: number): void {
  for (const key of map.keys()) {
    if (map.size <= maxSize) return
    map.delete(key)
  }
}
