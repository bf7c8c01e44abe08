/** RPM at the centres of the grid's rows. */
export const rpmCentres: readonly number[] = Array.from({ length: 11 }, (_, index) => 1500 + 500 * index)

/** MAP in kPa at the centres of the grid's columns. */
export const mapCentres: readonly number[] = [35, 50, 65, 80, 95]

/** With fewer hits a cell says nothing. */
const leastHits = 3

/** Sorts samples into the cells of the VE table and pools them, each weighted with its torque. */
export class VeGrid {
  readonly #torque = new Float64Array(rpmCentres.length * mapCentres.length)
  readonly #weighted = new Float64Array(this.#torque.length)
  readonly #hits = new Uint32Array(this.#torque.length)

  /** Adds one cylinder's sample, one hit of the cell whose centre is nearest. */
  add (rpm: number, map: number, torque: number, percent: number): void {
    const cell = nearest(rpm, 1500, 500, rpmCentres.length) * mapCentres.length + nearest(map, 35, 15, mapCentres.length)
    this.#torque[cell]! += torque // the index is within the grid, as `nearest` bounds it
    this.#weighted[cell]! += torque * percent
    this.#hits[cell]! += 1
  }

  /** The correction of every cell in percent, one row per RPM centre; `undefined` where there are too few hits. */
  corrections (): Array<Array<number | undefined>> {
    return rpmCentres.map((_, row) => mapCentres.map((_, column) => this.#correction(row * mapCentres.length + column)))
  }

  #correction (cell: number): number | undefined {
    if (this.#hits[cell]! < leastHits) return undefined // both indices come from the grid itself
    return withoutDust(this.#weighted[cell]! / this.#torque[cell]!)
  }
}

function nearest (value: number, first: number, step: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.round((value - first) / step)))
}

/** Binary fractions leave dust (2 % arrives as 2.0000000000000018), enough to lift a value over a threshold or a bucket; 0 is added to -0. */
function withoutDust (percent: number): number {
  return Math.round(percent * 1e6) / 1e6 + 0
}
