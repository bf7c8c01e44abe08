/** Number of results that are kept. */
const MAX_KEPT = 1000

/**
 * Returns a function that keeps results, so that many rows of the same text are read quickly. `onNew` is called before
 * a text is read that is not among them.
 */
export function remember<T> (read: (text: string) => T): (text: string, onNew?: () => void) => T {
  const kept = new Map<string, T>()
  return function readOnce (text, onNew) {
    if (kept.has(text)) return kept.get(text)! // It has it; the value can be undefined.
    onNew?.()
    const result = read(text)
    if (kept.size === MAX_KEPT) kept.clear()
    kept.set(text, result)
    return result
  }
}
