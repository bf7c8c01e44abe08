/** How a simulated engine differs from what its ECU believes, and how long tuning may take. */
export interface TuningConfig {
  /** The ECU underestimates the volumetric efficiency (lean), overestimates it (rich), or both, by cell (mixed). */
  readonly scenario: 'lean' | 'rich' | 'mixed'
  /** How far the ECU is off at the start, in per cent of the actual volumetric efficiency. */
  readonly error_percent: number
  /** How much the actual volumetric efficiency grows after every iteration, as with an opening air leak, in per cent. */
  readonly leak_percent: number
  readonly max_iterations: number
}

/** One cell of the VE table: what the engine does and what its ECU believes. */
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
  /** AFR measured / AFR commanded: the factor that corrects the cell. */
  readonly k: number
}

/** What one simulated pull over all cells shows. */
export interface Pull {
  readonly cells: readonly MeasuredCell[]
  /** Largest |AFR - target| of all cells. */
  readonly max_afr_error: number
  /** Share of cells that need next to no correction, in per cent. */
  readonly converged_cells_percent: number
  readonly converged: boolean
}

const RPM = [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500]
/** MAP in kPa with the AFR that the ECU aims at: richer under load. */
const TARGETS = [[35, 13.0], [50, 13.0], [65, 12.9], [80, 12.8], [95, 12.7]] as const

const CONVERGED_AFR_ERROR = 0.3
const CONVERGED_CELL_PERCENT = 2.1
const CONVERGED_CELLS_PERCENT = 90
const FIRST_ITERATION_THAT_MAY_FAIL = 4
const FAILED_ERROR_GROWTH = 0.1

const clip = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/** The engine and its untuned ECU at the start of a session, 55 cells. */
export function startingCells ({ scenario, error_percent: error }: Pick<TuningConfig, 'scenario' | 'error_percent'>): Cell[] {
  return RPM.flatMap((rpm, row) => TARGETS.map(([kpa, target], column) => {
    const lean = scenario === 'mixed' ? (row + column) % 2 === 0 : scenario === 'lean'
    // An engine fills best with an open throttle and near its torque peak.
    const actual = 0.55 + 0.35 * kpa / 95 - 0.1 * ((rpm - 4000) / 2500) ** 2
    const believed = actual * (1 + (lean ? -error : error) / 100)
    return { rpm, map_kpa: kpa, target_afr: target, actual_ve: actual, ecu_ve: believed }
  }))
}

/** Runs the engine over every cell: AFR = target · (VE actual / VE of the ECU). */
export function simulatePull (cells: readonly Cell[]): Pull {
  const measured = cells.map(cell => {
    const afr = cell.target_afr * (cell.actual_ve / cell.ecu_ve)
    return { ...cell, afr, k: afr / cell.target_afr }
  })
  const error = Math.max(...measured.map(cell => Math.abs(cell.afr - cell.target_afr)))
  const within = measured.filter(cell => Math.abs(100 * (cell.k - 1)) < CONVERGED_CELL_PERCENT)
  const share = 100 * within.length / measured.length
  return {
    cells: measured,
    max_afr_error: error,
    converged_cells_percent: share,
    converged: error < CONVERGED_AFR_ERROR && share >= CONVERGED_CELLS_PERCENT
  }
}

/** Corrects every cell by what the pull measured, in a bounded step and within bounds. */
export function updateVe (pull: Pull): Cell[] {
  return pull.cells.map(({ afr: _, k, ...cell }) => ({ ...cell, ecu_ve: clip(cell.ecu_ve * clip(k, 0.85, 1.15), 0.3, 1.5) }))
}

/** The engine after its air leak has opened by another `percent`. */
export function openLeak (cells: readonly Cell[], percent: number): Cell[] {
  return cells.map(cell => ({ ...cell, actual_ve: cell.actual_ve * (1 + percent / 100) }))
}

/** How a session stands after its latest pull; `errorBefore` is the AFR error of the pull before it. */
export function judge (pull: Pull, iteration: number, errorBefore: number, { max_iterations: most }: TuningConfig) {
  if (pull.converged) return 'converged'
  const growth = pull.max_afr_error - errorBefore
  if (iteration >= FIRST_ITERATION_THAT_MAY_FAIL && growth > FAILED_ERROR_GROWTH) return 'failed'
  return iteration >= most ? 'max_iterations' : 'running'
}
