import { rm } from 'node:fs/promises'
import type { AnalysisResult } from '../analysis/analyse-log.js'
import { describeDropped } from '../analysis/row-counts.js'
import type { AnalyseLog } from '../contracts.js'
import type { LogLayout } from '../dyno-log/layout.js'
import type { Run } from './run-store.js'

/** A log on the disk that was inspected. */
export interface InspectedLog {
  readonly path: string
  readonly layout: LogLayout
}

/** Analyses a log that was inspected, updates its run with the progress and the result, and deletes the file. */
export async function analyseRun (run: Run, { path, layout }: InspectedLog, analyse: AnalyseLog): Promise<void> {
  run.status = 'running'
  run.message = 'The log is being analysed.'
  try {
    run.result = await analyse({ path }, {
      filename: run.filename,
      source: 'upload',
      layout,
      // Only a complete analysis has a progress of 100.
      onProgress: progress => { run.progress = Math.min(99, Math.floor(100 * progress)) }
    }).finally(() => rm(path, { force: true }))
    run.log = run.result.log
    run.status = 'completed'
    run.progress = 100
    run.message = describeResult(run.result)
  } catch (error) {
    run.status = 'error'
    run.error = (error as Error).message
    run.message = 'The analysis failed.'
  }
}

/** A log of which most rows were dropped may not show what the rider wanted to measure. */
function describeResult ({ correctionsCount, log: { rows, samples = {}, standIn } }: AnalysisResult): string {
  const sentences = [`The analysis is complete. Cells to correct: ${correctionsCount}.`]
  if (rows !== undefined && rows.used < rows.read / 2) {
    sentences.push(`Most rows were dropped: ${describeDropped(rows)}`)
  }
  for (const [cylinder, count] of Object.entries(samples)) {
    if (count === 0) sentences.push(`The ${cylinder} cylinder has no usable measurement.`)
  }
  if (standIn !== undefined) sentences.push(standIn)
  return sentences.join(' ')
}
