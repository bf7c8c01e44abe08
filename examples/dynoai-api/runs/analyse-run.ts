import { rm } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { AnalysisResult } from '../analysis/analyse-log.js'
import { describeDropped } from '../analysis/row-counts.js'
import type { AnalyseLog } from '../contracts.js'
import { describeError } from '../describe-error.js'
import { createRun, type Run, type RunStore } from './run-store.js'

/** A log on the disk that is about to be analysed. */
export interface ReceivedLog {
  readonly runId: string
  readonly filename: string
  readonly path: string
}

/** What the analysis of an uploaded log needs. */
export interface RunContext {
  readonly analyse: AnalyseLog
  readonly store: RunStore
  readonly log: FastifyBaseLogger
  /** Called with the state of the new run when its log was inspected. */
  readonly onAccepted: (run: AcceptedRun) => void
}

/** The response to an accepted upload. */
export type AcceptedRun = Pick<Run, 'runId' | 'status' | 'message'>

/**
 * Analyses an uploaded log, updates its run with the progress and the result, and deletes the file. Rejects when the
 * log is refused before it has a run.
 */
export async function analyseRun ({ runId, filename, path }: ReceivedLog, context: RunContext): Promise<void> {
  const { analyse, store, log, onAccepted } = context
  const run = createRun(runId, filename)
  try {
    run.result = await analyse({ path }, {
      source: 'upload',
      onInspected: report => {
        run.log = report
        store.add(run)
        onAccepted({ runId, status: run.status, message: run.message })
        run.status = 'running'
        run.message = 'The log is being analysed.'
      },
      // Only a complete analysis has a progress of 100.
      onProgress: progress => { run.progress = Math.min(99, Math.floor(100 * progress)) }
    }).finally(() => rm(path, { force: true }))
    run.log = run.result.log
    run.status = 'completed'
    run.progress = 100
    run.message = describeResult(run.result)
  } catch (error) {
    // Without a run, the response to the upload reports the error.
    if (run.log === undefined) throw error
    run.status = 'error'
    run.error = describeError(error as Error, log).message // The analysis rejects only with errors.
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
