/**
 * Bytes that `run` allocates, where the young generation has room for all of it. To make room there, the collection of
 * young objects is enough, which takes a small part of the time of a full one.
 */
export function allocatedBy (run: () => void, collection: 'full' | 'young' = 'full'): number {
  collectGarbage(collection)
  const before = process.memoryUsage().heapUsed
  run()
  return process.memoryUsage().heapUsed - before
}

/** Bytes in use when the garbage is gone, those of typed arrays included. */
export function keptMemory (): number {
  collectGarbage('full')
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function collectGarbage (collection: 'full' | 'young'): void {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc')
  // Not `{ type: 'major' }`, with which Node 20 collects young objects only.
  if (collection === 'full') globalThis.gc()
  else globalThis.gc({ type: 'minor' })
}
