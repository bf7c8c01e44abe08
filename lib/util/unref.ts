/** Lets the process exit before a timer fires. Fake timers of a test may not return a timer object of Node. */
export function unref (timer: unknown): void {
  (timer as Partial<NodeJS.Timeout> | undefined)?.unref?.()
}
