import { clamp } from '../clamp.js'
import { NoUsableRowError } from '../dyno-log/errors.js'
import { findLayout } from '../dyno-log/find-layout.js'
import type { LogLayout } from '../dyno-log/layout.js'
import type { Log } from '../dyno-log/log.js'
import { readRows } from '../dyno-log/read-rows.js'
import { reportLayout, type LogReport } from './log-report.js'
import { checkRow } from './row-corrections.js'
import { describeDropped, RowCounter } from './row-counts.js'
import { MAP_CENTRES, RPM_CENTRES, VeGrid } from './ve-grid.js'

/** The result of the analysis of a dyno log. */
export interface AnalysisResult {
  /** RPM centres, one per row of `corrections`. */
  readonly rpm: readonly number[]
  /** MAP centres in kPa, one per column of `corrections`. */
  readonly load: readonly number[]
  /** VE corrections in percent, clamped to ±7; 0 in a cell with fewer than three hits. */
  readonly corrections: ReadonlyArray<readonly number[]>
  /** Number of cells that are off by more than 0.5 %. */
  readonly correctionsCount: number
  /** The largest absolute correction of those cells before clamping, in percent; 0 if there are none. */
  readonly magnitudePercent: number
  /** How the log was understood, and what happened to its rows. */
  readonly log: LogReport
}

/** The largest change of a cell in one step of a tune, in percent. */
const MAX_CORRECTION_PERCENT = 7

/** The largest error that needs no correction, in percent. */
const TOLERANCE_PERCENT = 0.5

const ROWS_PER_PROGRESS = 1000

/** What an analysis tells while it runs. */
export interface AnalysisEvents {
  /** The log can be analysed, and is understood like this. The corrections follow. */
  readonly onInspected?: ((report: LogReport) => void) | undefined
  /** The part of the log that was analysed, from 0 to 1. */
  readonly onProgress?: ((progress: number) => void) | undefined
}

/** Inspects a dyno log and computes its VE corrections; throws an error with a sentence for a bad log. */
export async function analyseLog (log: Log, { onInspected, onProgress }: AnalysisEvents = {}): Promise<AnalysisResult> {
  const layout = await inspectLog(log)
  onInspected?.(reportLayout(layout))
  return computeCorrections(log, layout, onProgress)
}

/** Finds out how a log is written; throws an error with a sentence for a log that cannot be analysed. */
async function inspectLog (log: Log): Promise<LogLayout> {
  const layout = await findLayout(log)
  const rows = new RowCounter()
  for await (const piece of readRows(log, layout)) {
    for (const row of piece) {
      const checked = checkRow(row)
      if ('row' in checked) return layout
      rows.drop(checked.dropped)
    }
  }
  throw new NoUsableRowError(describeDropped(rows.counts()))
}

/** Computes the VE corrections of a dyno log that was inspected. */
async function computeCorrections (
  log: Log, layout: LogLayout, onProgress: AnalysisEvents['onProgress']
): Promise<AnalysisResult> {
  const grid = new VeGrid()
  const rows = new RowCounter()
  const samples = layout.mixtures.map(() => 0)
  let read = 0
  for await (const piece of readRows(log, layout)) {
    for (const row of piece) {
      if (++read % ROWS_PER_PROGRESS === 0) onProgress?.(read / layout.rows)
      const checked = checkRow(row)
      if ('dropped' in checked) {
        rows.drop(checked.dropped)
        continue
      }
      const { rpm, map, torque } = checked.row
      for (const [index, percent] of checked.corrections.entries()) {
        if (percent === undefined) continue
        grid.add({ rpm, map, torque, percent })
        samples[index]! += 1 // A row has one correction for each mixture.
      }
      rows.use()
    }
  }
  const report = { ...reportLayout(layout), rows: rows.counts(), samples: nameSamples(layout, samples) }
  return { ...summarise(grid.corrections()), log: report }
}

function nameSamples ({ mixtures }: LogLayout, samples: readonly number[]): NonNullable<LogReport['samples']> {
  return Object.fromEntries(mixtures.map(({ cylinder }, index) => [cylinder, samples[index]]))
}

function summarise (cells: ReadonlyArray<ReadonlyArray<number | undefined>>): Omit<AnalysisResult, 'log'> {
  const magnitudes = cells.flat()
    .map(percent => Math.abs(percent ?? 0))
    .filter(magnitude => magnitude > TOLERANCE_PERCENT)
  return {
    rpm: RPM_CENTRES,
    load: MAP_CENTRES,
    corrections: cells.map(row => row.map(percent =>
      clamp(percent ?? 0, -MAX_CORRECTION_PERCENT, MAX_CORRECTION_PERCENT))),
    correctionsCount: magnitudes.length,
    magnitudePercent: Math.max(0, ...magnitudes)
  }
}
