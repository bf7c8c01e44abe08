import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { AnalyseLog } from '../contracts.js'
import type { LogBytes } from '../dyno-log/read-rows.js'
import type { Run } from './run-store.js'

/** A received log on the disk. */
export interface LogFile {
  readonly path: string
  readonly bytes: number
}

/** Analyses a received log, updates its run with the progress and the result, and deletes the file. */
export async function analyseRun (run: Run, { path, bytes }: LogFile, analyse: AnalyseLog): Promise<void> {
  run.status = 'running'
  run.message = 'The log is being analysed.'
  try {
    const log = reportProgress(createReadStream(path), bytes, run)
    const { filename } = run
    run.result = await analyse(log, { filename, source: 'upload' }).finally(() => rm(path, { force: true }))
    run.status = 'completed'
    run.progress = 100
    run.message = `The analysis is complete. Cells to correct: ${run.result.correctionsCount}.`
  } catch (error) {
    run.status = 'error'
    run.error = (error as Error).message
    run.message = 'The analysis failed.'
  }
}

async function * reportProgress (log: LogBytes, bytes: number, run: Run): AsyncGenerator<Uint8Array | string> {
  let read = 0
  for await (const chunk of log) {
    read += chunk.length
    // Only a complete analysis has a progress of 100.
    run.progress = Math.min(99, Math.floor(100 * read / bytes))
    yield chunk
  }
}
