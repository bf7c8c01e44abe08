import { clamp } from '../clamp.js'
import { NoUsableRowError } from '../dyno-log/errors.js'
import { readRows, type LogBytes } from '../dyno-log/read-rows.js'
import { computeRowCorrections } from './row-corrections.js'
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
}

/** The largest change of a cell in one step of a tune, in percent. */
const MAX_CORRECTION_PERCENT = 7

/** The largest error that needs no correction, in percent. */
const TOLERANCE_PERCENT = 0.5

/** Computes the VE corrections of a dyno log in one pass; throws an error with a sentence for a bad log. */
export async function analyseLog (log: LogBytes): Promise<AnalysisResult> {
  const grid = new VeGrid()
  let hasUsableRow = false
  for await (const row of readRows(log)) {
    for (const percent of computeRowCorrections(row)) {
      grid.add({ rpm: row.rpm, map: row.map, torque: row.torque, percent })
      hasUsableRow = true
    }
  }
  if (!hasUsableRow) throw new NoUsableRowError()
  return summarise(grid.corrections())
}

/** Reads a log up to its first usable row; throws an error with a sentence for a log that cannot be analysed. */
export async function inspectLog (log: LogBytes): Promise<void> {
  for await (const row of readRows(log)) {
    if (computeRowCorrections(row).length > 0) return
  }
  throw new NoUsableRowError()
}

function summarise (cells: ReadonlyArray<ReadonlyArray<number | undefined>>): AnalysisResult {
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
