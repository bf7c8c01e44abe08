/** Measures how long the event loop is blocked. */
export class BlockMonitor {
  #longest = 0
  #last = 0
  #isRunning = false

  /** Resolves when the event loop is watched. */
  async start (): Promise<void> {
    this.#longest = 0
    this.#isRunning = true
    await new Promise<void>(resolve => {
      setImmediate(() => {
        this.#last = performance.now()
        this.#tick()
        resolve()
      })
    })
  }

  /** Returns the longest block since the start, in milliseconds. */
  async stop (): Promise<number> {
    await new Promise(resolve => { setImmediate(resolve) })
    this.#isRunning = false
    return this.#longest
  }

  #tick = (): void => {
    const now = performance.now()
    this.#longest = Math.max(this.#longest, now - this.#last)
    this.#last = now
    if (this.#isRunning) setImmediate(this.#tick)
  }
}

/** Returns a function that starts to watch the event loop, or stops and returns the longest block. */
export function toggleMonitor (): () => Promise<{ block: number }> {
  const monitor = new BlockMonitor()
  let isRunning = false
  return async () => {
    isRunning = !isRunning
    if (!isRunning) return { block: await monitor.stop() }
    await monitor.start()
    return { block: NaN }
  }
}
