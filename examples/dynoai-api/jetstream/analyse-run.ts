import type { AnalyseLog } from '../contracts.js'
import { JetstreamError, type JetstreamClient } from './client.js'
import type { StoredRun } from './run-store.js'

/** A log that cannot be downloaded is asked for again at the next polls, this often in all. */
const MAX_ATTEMPTS = 3

/** Downloads the log of a complete run, has it analysed, and gives the run with what came of it. */
export async function analyseRun (run: StoredRun, client: JetstreamClient, analyse: AnalyseLog): Promise<StoredRun> {
  const attempts = run.attempts + 1
  try {
    const log = await client.downloadLog(run.id)
    const result = await analyse([log], { filename: `${run.id}.csv`, source: 'jetstream' })
    return {
      ...run,
      attempts,
      analysis: 'complete',
      corrections_count: result.correctionsCount,
      magnitude_percent: result.magnitudePercent,
      error: undefined
    }
  } catch (error) {
    const isWorthAnother = error instanceof JetstreamError && attempts < MAX_ATTEMPTS
    // The client and the analysis reject with errors only.
    return { ...run, attempts, analysis: isWorthAnother ? 'waiting' : 'error', error: (error as Error).message }
  }
}
