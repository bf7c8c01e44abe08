import { RPM_CENTRES } from '../analysis/ve-grid.js'
import { clamp } from '../clamp.js'

/** The simulated engine at the start of a session, and the limit of iterations. */
export interface TuningConfig {
  /** The ECU underestimates the volumetric efficiency (lean), overestimates it (rich) or alternates by cell (mixed). */
  readonly scenario: 'lean' | 'rich' | 'mixed'
  /** Error of the ECU at the start, in percent of the actual volumetric efficiency. */
  readonly error_percent: number
  /** Growth of the actual volumetric efficiency after every iteration, like an air leak that widens, in percent. */
  readonly leak_percent: number
  readonly max_iterations: number
}

/** The status of a session; a label of `dynoai_virtual_tuning_sessions_total`. */
export type SessionStatus = 'running' | 'converged' | 'failed' | 'stopped' | 'max_iterations'

/** One cell of the VE table: the actual volumetric efficiency and the value in the ECU. */
export interface Cell {
  readonly rpm: number
  readonly map_kpa: number
  readonly target_afr: number
  readonly actual_ve: number
  readonly ecu_ve: number
}

/** A cell after a pull. */
export interface MeasuredCell extends Cell {
  readonly afr: number
  /** Measured AFR / target AFR: the factor that corrects the cell. */
  readonly k: number
}

/** The result of one simulated pull over all cells. */
export interface Pull {
  readonly cells: readonly MeasuredCell[]
  /** The largest |AFR - target| of all cells. */
  readonly max_afr_error: number
  /** Percentage of cells that need almost no correction. */
  readonly converged_cells_percent: number
  readonly converged: boolean
}

/** MAP in kPa with its target AFR; the mixture is richer at higher load. */
const TARGETS = [[35, 13.0], [50, 13.0], [65, 12.9], [80, 12.8], [95, 12.7]] as const

const CONVERGED_AFR_ERROR = 0.3
const CONVERGED_CELL_PERCENT = 2.1
const CONVERGED_CELLS_PERCENT = 90
const FIRST_ITERATION_THAT_MAY_FAIL = 4
const FAILED_ERROR_GROWTH = 0.1

/** Creates the 55 cells of an engine with an untuned ECU. */
export function createCells (config: Pick<TuningConfig, 'scenario' | 'error_percent'>): Cell[] {
  const { scenario, error_percent: error } = config
  return RPM_CENTRES.flatMap((rpm, row) => TARGETS.map(([kpa, target], column) => {
    const isLean = scenario === 'mixed' ? (row + column) % 2 === 0 : scenario === 'lean'
    // The volumetric efficiency is highest at full throttle and near the torque peak, here 4000 rpm.
    const actual = 0.55 + 0.35 * kpa / 95 - 0.1 * ((rpm - 4000) / 2500) ** 2
    const ecu = actual * (1 + (isLean ? -error : error) / 100)
    return { rpm, map_kpa: kpa, target_afr: target, actual_ve: actual, ecu_ve: ecu }
  }))
}

/** Measures every cell: AFR = target × actual VE / VE in the ECU. */
export function simulatePull (cells: readonly Cell[]): Pull {
  const measured = cells.map(cell => {
    const afr = cell.target_afr * (cell.actual_ve / cell.ecu_ve)
    return { ...cell, afr, k: afr / cell.target_afr }
  })
  const error = Math.max(...measured.map(cell => Math.abs(cell.afr - cell.target_afr)))
  const converged = measured.filter(cell => Math.abs(100 * (cell.k - 1)) < CONVERGED_CELL_PERCENT)
  const percent = 100 * converged.length / measured.length
  return {
    cells: measured,
    max_afr_error: error,
    converged_cells_percent: percent,
    converged: error < CONVERGED_AFR_ERROR && percent >= CONVERGED_CELLS_PERCENT
  }
}

/** Corrects the VE of every cell by the measured factor; both the factor and the VE are limited. */
export function updateVe (pull: Pull): Cell[] {
  return pull.cells.map(({ afr: _, k, ...cell }) =>
    ({ ...cell, ecu_ve: clamp(cell.ecu_ve * clamp(k, 0.85, 1.15), 0.3, 1.5) }))
}

/** Raises the actual VE of every cell by `percent`, as a wider air leak does. */
export function widenLeak (cells: readonly Cell[], percent: number): Cell[] {
  return cells.map(cell => ({ ...cell, actual_ve: cell.actual_ve * (1 + percent / 100) }))
}

/** The latest pull of a session. */
export interface PullOutcome {
  readonly pull: Pull
  /** Number of pulls so far, this one included. */
  readonly iterations: number
  /** The AFR error of the pull before; `undefined` for the first pull. */
  readonly previousError: number | undefined
  readonly maxIterations: number
}

/** Returns the status of a session after its latest pull. */
export function nextStatus ({ pull, iterations, previousError = Infinity, maxIterations }: PullOutcome): SessionStatus {
  if (pull.converged) return 'converged'
  const growth = pull.max_afr_error - previousError
  if (iterations >= FIRST_ITERATION_THAT_MAY_FAIL && growth > FAILED_ERROR_GROWTH) return 'failed'
  return iterations >= maxIterations ? 'max_iterations' : 'running'
}
