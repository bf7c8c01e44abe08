import { NoUsableRowError } from '../dyno-log/errors.js'
import { readRows, type LogBytes } from '../dyno-log/read-rows.js'
import { sampleCorrections } from './samples.js'
import { mapCentres, rpmCentres, VeGrid } from './ve-grid.js'

/** What an analysis found in a dyno log. */
export interface AnalysisResult {
  /** RPM centres, one per row of `corrections`. */
  readonly rpm: readonly number[]
  /** MAP centres in kPa, one per column of `corrections`. */
  readonly load: readonly number[]
  /** VE corrections in percent, clamped to ±7; 0 in a cell with fewer than three hits. */
  readonly corrections: ReadonlyArray<readonly number[]>
  /** How many cells are off by more than 0.5 %. */
  readonly correctionsCount: number
  /** The largest absolute correction of those cells before the clamp, in percent; 0 without any. */
  readonly magnitudePercent: number
}

/** A tune changes a cell by no more than this in one step, in percent. */
const clampPercent = 7

/** A cell that is off by no more than this needs no correction, in percent. */
const tolerancePercent = 0.5

/** Computes the VE corrections that a dyno log asks for, in one pass; throws an error with a sentence for a bad log. */
export async function analyseLog (log: LogBytes): Promise<AnalysisResult> {
  const grid = new VeGrid()
  let usable = false
  for await (const row of readRows(log)) {
    for (const percent of sampleCorrections(row)) {
      grid.add(row.rpm, row.map, row.torque, percent)
      usable = true
    }
  }
  if (!usable) throw new NoUsableRowError()
  return summarise(grid.corrections())
}

/** Reads as much of a log as it takes to know that it can be analysed; throws an error with a sentence if it cannot. */
export async function inspectLog (log: LogBytes): Promise<void> {
  for await (const row of readRows(log)) {
    if (sampleCorrections(row).length > 0) return
  }
  throw new NoUsableRowError()
}

function summarise (cells: ReadonlyArray<ReadonlyArray<number | undefined>>): AnalysisResult {
  const magnitudes = cells.flat().map((percent) => Math.abs(percent ?? 0)).filter((size) => size > tolerancePercent)
  return {
    rpm: rpmCentres,
    load: mapCentres,
    corrections: cells.map((row) => row.map((percent) => clamp(percent ?? 0))),
    correctionsCount: magnitudes.length,
    magnitudePercent: Math.max(0, ...magnitudes)
  }
}

function clamp (percent: number): number {
  return Math.min(clampPercent, Math.max(-clampPercent, percent))
}
