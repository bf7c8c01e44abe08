import { MAP_CENTRES, RPM_CENTRES } from '../../../../examples/dynoai-api/analysis/ve-grid.js'
import { createRandom } from '../../../fixtures/random.js'

/** One moment of a run whose truth is known, in the units of the analysis. */
export interface TrueRow {
  readonly seconds: number
  /** The row and the column of its cell in the grid. */
  readonly cell: string
  readonly rpm: number
  /** In kPa. */
  readonly map: number
  /** In lb-ft. */
  readonly torque: number
  readonly tps: number
  /** In °F. */
  readonly iat: number
  /** Lambda. */
  readonly commanded: number
  /** Errors of the measured mixture, in percent. */
  readonly error: Readonly<Record<Cylinder, number>>
}

/** A cylinder, or both with one sensor. */
export type Cylinder = 'front' | 'rear' | 'both'

/** Rows that are dropped because the engine is cranked. */
export const CRANKING_ROWS = 10

/**
 * Distances of the rows of a cell from its centre, in kPa and rpm; a random one for `undefined`. Rows lie as close to
 * the borders as rounding allows: a conversion that is 0.2 % off moves them into another cell.
 */
const DISTANCES = [
  { map: -7.4, rpm: -249 }, { map: 7.4, rpm: 249 },
  { map: undefined, rpm: undefined }, { map: undefined, rpm: undefined }
] as const
/** The lowest and the highest MAP. At 100 kPa, there is no vacuum. */
const [MIN_MAP, MAX_MAP] = [30, 99] as const
/** The run does not reach the highest two rows of the grid. */
const MAX_RPM = 5500
/** The two cylinders differ: one is as much leaner as the other is richer. */
const DIFFERENCE_PERCENT = 1

/**
 * Returns the rows of a run, and the exact errors in percent of each cell, or `undefined` for a cell that was not
 * measured.
 */
export function createTruth (seed: number) {
  const { float, integer } = createRandom(seed)
  const between = (low: number, high: number) => low + (high - low) * float()
  const errors = RPM_CENTRES.map(rpm => MAP_CENTRES.map(() => rpm > MAX_RPM ? undefined : integer(-9, 9)))
  const rows: TrueRow[] = []
  const add = (rpm: number, map: number, error: number, cell = '') => {
    rows.push({
      seconds: rows.length / 20,
      cell,
      rpm,
      map,
      torque: between(40, 110),
      tps: between(5, 95),
      iat: between(70, 110),
      commanded: integer(80, 90) / 100,
      error: { front: error + DIFFERENCE_PERCENT, rear: error - DIFFERENCE_PERCENT, both: error }
    })
  }
  for (let row = 0; row < CRANKING_ROWS; row++) add(integer(150, 300), between(85, 95), 5)
  // Full throttle first: a log starts anywhere.
  for (const [column, map] of [...MAP_CENTRES.entries()].reverse()) {
    for (const [row, rpm] of RPM_CENTRES.entries()) {
      const error = errors[row]?.[column]
      if (error === undefined) continue
      for (const distance of DISTANCES) {
        const load = map + (distance.map ?? between(-7.4, 7.4))
        const speed = rpm + (distance.rpm ?? integer(-249, 249))
        add(speed, Math.min(MAX_MAP, Math.max(MIN_MAP, load)), error, `${row}/${column}`)
      }
    }
  }
  return { rows, errors }
}

/** What an analysis must give: the grid, the number of cells to correct, and the largest error. */
export interface Expected {
  readonly corrections: number[][]
  readonly correctionsCount: number
  readonly magnitudePercent: number
}

/** Returns what the analysis of some cylinders must give. */
export function expectedOf (
  errors: ReadonlyArray<ReadonlyArray<number | undefined>>, cylinders: readonly Cylinder[]
): Expected {
  const offset = { front: DIFFERENCE_PERCENT, rear: -DIFFERENCE_PERCENT, both: 0 }
  const shift = cylinders.reduce((sum, cylinder) => sum + offset[cylinder], 0) / cylinders.length
  const shifted = errors.map(row => row.map(error => error === undefined ? 0 : error + shift))
  const magnitudes = shifted.flat().map(Math.abs)
  return {
    corrections: shifted.map(row => row.map(error => Math.min(7, Math.max(-7, error)))),
    correctionsCount: magnitudes.filter(magnitude => magnitude > 0.5).length,
    magnitudePercent: Math.max(...magnitudes)
  }
}
