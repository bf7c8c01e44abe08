import process from 'node:process'

const callbacks = new Set<() => void>()

function callAll (): void {
  for (const callback of [...callbacks]) callback()
}

/**
 * Calls a function when the process or thread exits. All functions share one listener, since Node warns of more than
 * ten. Returns a function that cancels this. The function must not throw.
 */
export function onExit (callback: () => void): () => void {
  if (callbacks.size === 0) process.on('exit', callAll)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) process.off('exit', callAll)
  }
}
