/** An error of the VE table in one cell. */
export interface CellError {
  /** The cell's centre, 1500 to 5500. */
  readonly rpm: number
  /** The cell's centre in kPa. */
  readonly map: number
  /** How lean (positive) or rich (negative) the engine runs there; exact in the log for whole numbers. */
  readonly percent: number
}

/** What `generateLog` is to write. */
export interface GenerateLogOptions {
  /**
   * Rows besides the header; 50 ms each.
   * @default 3600
   */
  readonly rows?: number | undefined
  /** @default ',' */
  readonly delimiter?: ',' | '\t' | ';'
  /**
   * The same seed gives the same log.
   * @default 1
   */
  readonly seed?: number
  /**
   * Errors by cell; all other cells are exactly right. Left out, the seed draws an untuned engine of up to ±6 %.
   */
  readonly cells?: readonly CellError[]
}

const header = ['Time', 'RPM', 'MAP_kPa', 'Torque', 'HP', 'TPS', 'IAT', 'AFR_Cmd_F', 'AFR_Cmd_R', 'AFR_Meas_F', 'AFR_Meas_R', 'Knock', 'VBatt', 'Spark', 'VE']

const lowestRpm = 1500
const highestRpm = 5500

/** A throttle position held during a pull, with the manifold pressures it gives; they stay inside the grid's cell of `map`. */
const throttles = [
  { map: 95, from: 88.5, to: 93, tps: 95 },
  { map: 80, from: 75, to: 85, tps: 70 },
  { map: 65, from: 60, to: 70, tps: 48 },
  { map: 50, from: 45, to: 55, tps: 30 },
  { map: 35, from: 37, to: 41, tps: 16 }
] as const

/** Writes a realistic WinPEP log of full sweeps from 1,500 to 5,500 rpm, one throttle position after the other. */
export function generateLog (options: GenerateLogOptions = {}): string {
  const { rows = 3600, delimiter = ',', seed = 1, cells } = options
  const random = mulberry32(seed)
  const errors = new Map((cells ?? untunedEngine(random)).map((cell) => [`${cell.rpm}/${cell.map}`, cell.percent]))
  // A pull of 12 s, or shorter where the log is too short for one pull at each throttle position.
  const pullRows = Math.min(240, Math.max(2, Math.ceil(rows / throttles.length)))
  const lines = [header.join(delimiter)]
  for (let row = 0; row < rows; row++) {
    lines.push(writeRow(row, pullRows, errors, random).join(delimiter))
  }
  return lines.join('\r\n') + '\r\n'
}

function writeRow (row: number, pullRows: number, errors: ReadonlyMap<string, number>, random: () => number): string[] {
  const between = (low: number, high: number) => low + (high - low) * random()
  // The index is a remainder, so the position exists.
  const throttle = throttles[Math.floor(row / pullRows) % throttles.length]!
  const swept = (row % pullRows) / (pullRows - 1)
  const rpm = Math.round(lowestRpm + (highestRpm - lowestRpm) * swept)
  const percent = errors.get(`${Math.round(rpm / 500) * 500}/${throttle.map}`) ?? 0
  const torque = 51 + 50 * (throttle.map - 35) / 60 * (1 - 0.4 * Math.abs(swept - 0.55)) + between(0, 10)
  // In whole hundredths, so that the measured value has four decimals and says exactly `percent`.
  const commanded = 1300 - Math.round(30 * (throttle.map - 35) / 60)
  // The cylinders of a V-twin stray from each other, one as lean as the other is rich.
  const astray = Math.round(between(-12, 12))
  const measured = (sign: 1 | -1) => ((commanded * (100 + percent) / 100 + sign * astray) / 100).toFixed(4)
  return [
    (row * 0.05).toFixed(2),
    String(rpm),
    between(throttle.from, throttle.to).toFixed(1),
    torque.toFixed(1),
    (torque * rpm / 5252).toFixed(1),
    (throttle.tps + between(-1, 1)).toFixed(1),
    between(95, 120).toFixed(1),
    (commanded / 100).toFixed(2),
    (commanded / 100).toFixed(2),
    measured(1),
    measured(-1),
    random() < 0.002 ? '1' : '0',
    between(13.6, 14.2).toFixed(1),
    between(18, 34).toFixed(1),
    between(70, 98).toFixed(1)
  ]
}

function untunedEngine (random: () => number): CellError[] {
  const cells = []
  for (let rpm = lowestRpm; rpm <= highestRpm; rpm += 500) {
    for (const { map } of throttles) {
      cells.push({ rpm, map, percent: Math.round(random() * 12) - 6 })
    }
  }
  return cells
}

/** Tommy Ettinger's mulberry32: numbers from 0 to 1 that look random and repeat with their seed. */
function mulberry32 (seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
