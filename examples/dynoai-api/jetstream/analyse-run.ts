import type { AnalyseLog } from '../contracts.js'
import { JetstreamError, type JetstreamClient } from './client.js'
import type { StoredRun } from './run-store.js'

/** Attempts to download a log, one per poll. */
const MAX_ATTEMPTS = 3

/** Downloads and analyses the log of a complete run; returns the run with the result or with the error. */
export async function analyseRun (run: StoredRun, client: JetstreamClient, analyse: AnalyseLog): Promise<StoredRun> {
  const attempts = run.attempts + 1
  try {
    const bytes = await client.downloadLog(run.id)
    const result = await analyse({ bytes }, { source: 'jetstream' })
    return {
      ...run,
      attempts,
      analysis: 'complete',
      corrections_count: result.correctionsCount,
      magnitude_percent: result.magnitudePercent,
      error: undefined
    }
  } catch (error) {
    const shouldRetry = error instanceof JetstreamError && attempts < MAX_ATTEMPTS
    // The client and the analysis reject only with errors.
    return { ...run, attempts, analysis: shouldRetry ? 'waiting' : 'error', error: (error as Error).message }
  }
}
