/** Lets the process end before a timer. Fake timers of a test may give something else than Node's, or nothing. */
export function unref (timer: unknown): void {
  (timer as Partial<NodeJS.Timeout> | undefined)?.unref?.()
}
