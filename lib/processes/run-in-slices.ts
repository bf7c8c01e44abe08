import type { Scheduler } from '../exposition/scheduler.js'

/** What the work up to a pause counts as, in bytes of text: it takes as long as writing these, about 30 µs. */
const BYTES_PER_PAUSE = 2 ** 14

/** The scrape that a generator works for. */
export interface SlicedRun {
  readonly scheduler: Scheduler
  readonly signal: AbortSignal
}

/** Runs a generator in slices. Between slices the event loop does other work. Rejects if the signal is aborted. */
export async function runInSlices<Result> (
  steps: Generator<void, Result>, { scheduler, signal }: SlicedRun
): Promise<Result> {
  try {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      scheduler.addWork(BYTES_PER_PAUSE)
      if (!scheduler.isSliceOver) continue
      await scheduler.yieldTurn()
      signal.throwIfAborted()
    }
  } finally {
    steps.return(undefined as Result) // closes the files of a generator that is abandoned; the value is not used
  }
}
