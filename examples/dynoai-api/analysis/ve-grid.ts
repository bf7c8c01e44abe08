import { clamp } from '../clamp.js'

const RPM_STEP = 500
const MAP_STEP = 15

/** RPM at the centres of the grid's rows, 1500 to 6500. */
export const RPM_CENTRES: readonly number[] = Array.from({ length: 11 }, (_, index) => 1500 + RPM_STEP * index)

/** MAP in kPa at the centres of the grid's columns, 35 to 95. */
export const MAP_CENTRES: readonly number[] = Array.from({ length: 5 }, (_, index) => 35 + MAP_STEP * index)

/** A cell with fewer hits has no correction. */
const MIN_HITS = 3

/** One measurement of one cylinder. */
export interface Sample {
  readonly rpm: number
  /** In kPa. */
  readonly map: number
  readonly torque: number
  /** Correction in percent. */
  readonly percent: number
}

/** Sorts samples into the cells of the VE table and computes the mean of each cell, weighted by torque. */
export class VeGrid {
  readonly #torque = new Float64Array(RPM_CENTRES.length * MAP_CENTRES.length)
  readonly #weightedPercent = new Float64Array(this.#torque.length)
  readonly #hits = new Uint32Array(this.#torque.length)

  /** Adds one sample as a hit of the cell with the nearest centre. */
  add ({ rpm, map, torque, percent }: Sample): void {
    const row = nearestIndex(rpm, RPM_CENTRES, RPM_STEP)
    const cell = row * MAP_CENTRES.length + nearestIndex(map, MAP_CENTRES, MAP_STEP)
    this.#torque[cell]! += torque // `nearestIndex` returns an index within the grid.
    this.#weightedPercent[cell]! += torque * percent
    this.#hits[cell]! += 1
  }

  /** Returns the corrections in percent, one row per RPM centre; `undefined` for a cell with too few hits. */
  corrections (): Array<Array<number | undefined>> {
    return RPM_CENTRES.map((_, row) =>
      MAP_CENTRES.map((_, column) => this.#correction(row * MAP_CENTRES.length + column)))
  }

  #correction (cell: number): number | undefined {
    if (this.#hits[cell]! < MIN_HITS) return undefined // `corrections` passes only cells of the grid.
    return roundPercent(this.#weightedPercent[cell]! / this.#torque[cell]!)
  }
}

function nearestIndex (value: number, centres: readonly number[], step: number): number {
  // Neither list of centres is empty.
  return clamp(Math.round((value - centres[0]!) / step), 0, centres.length - 1)
}

/**
 * Rounds to six decimals. A rounding error of binary fractions (2 % is computed as 2.0000000000000018) is enough to
 * exceed a threshold or a bucket's bound. Adding 0 turns -0 into 0.
 */
function roundPercent (percent: number): number {
  return Math.round(percent * 1e6) / 1e6 + 0
}
