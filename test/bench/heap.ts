/**
 * Returns the bytes that `run` allocates. The young generation must have space for all of them. To make that space, a
 * collection of the young generation is enough; it takes a small part of the time of a full collection.
 */
export function allocatedBy (run: () => void, collection: 'full' | 'young' = 'full'): number {
  collectGarbage(collection)
  const before = process.memoryUsage().heapUsed
  run()
  return process.memoryUsage().heapUsed - before
}

/** Returns the bytes that are in use after a garbage collection, including those of typed arrays. */
export function usedMemory (): number {
  collectGarbage('full')
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function collectGarbage (collection: 'full' | 'young'): void {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc')
  // Not `{ type: 'major' }`: with it, Node 20 collects the young generation only.
  if (collection === 'full') globalThis.gc()
  else globalThis.gc({ type: 'minor' })
}
