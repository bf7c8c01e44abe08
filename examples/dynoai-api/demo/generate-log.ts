/** An error of the VE table in one cell. */
export interface CellError {
  /** Centre of the cell, 1500 to 5500. */
  readonly rpm: number
  /** Centre of the cell in kPa. */
  readonly map: number
  /** Error of the measured AFR: lean is positive, rich is negative. A whole number is exact in the log. */
  readonly percent: number
}

/** Options of `generateLog`. */
export interface GenerateLogOptions {
  /** Number of rows without the header, one per 50 ms. @default 3600 */
  readonly rows?: number | undefined
  /** @default ',' */
  readonly delimiter?: ',' | '\t' | ';'
  /** The same seed produces the same log. @default 1 */
  readonly seed?: number
  /** Errors by cell; all other cells have none. By default every cell has a random error of up to ±6 %. */
  readonly cells?: readonly CellError[]
}

const HEADER = [
  'Time', 'RPM', 'MAP_kPa', 'Torque', 'HP', 'TPS', 'IAT', 'AFR_Cmd_F', 'AFR_Cmd_R', 'AFR_Meas_F', 'AFR_Meas_R',
  'Knock', 'VBatt', 'Spark', 'VE'
]

const MIN_RPM = 1500
const MAX_RPM = 5500

/** Throttle positions of the pulls, each with its range of MAP, which is within the cell of `map`. */
const THROTTLES = [
  { map: 95, from: 88.5, to: 93, tps: 95 },
  { map: 80, from: 75, to: 85, tps: 70 },
  { map: 65, from: 60, to: 70, tps: 48 },
  { map: 50, from: 45, to: 55, tps: 30 },
  { map: 35, from: 37, to: 41, tps: 16 }
] as const

/** The state that all rows of a log share. */
interface LogContext {
  readonly rowsPerPull: number
  /** Error in percent by `rpm/map` of the cell. */
  readonly errors: ReadonlyMap<string, number>
  readonly random: () => number
}

/** Generates a realistic WinPEP log of pulls from 1,500 to 5,500 rpm, one throttle position after another. */
export function generateLog (options: GenerateLogOptions = {}): string {
  const { rows = 3600, delimiter = ',', seed = 1, cells } = options
  const random = mulberry32(seed)
  const errors = new Map((cells ?? randomErrors(random)).map(cell => [`${cell.rpm}/${cell.map}`, cell.percent]))
  // A pull takes 12 s; less if the log is too short for one pull at each throttle position.
  const rowsPerPull = Math.min(240, Math.max(2, Math.ceil(rows / THROTTLES.length)))
  const lines = [HEADER.join(delimiter)]
  for (let row = 0; row < rows; row++) {
    lines.push(generateRow(row, { rowsPerPull, errors, random }).join(delimiter))
  }
  return lines.join('\r\n') + '\r\n'
}

function generateRow (row: number, { rowsPerPull, errors, random }: LogContext): string[] {
  const between = (low: number, high: number) => low + (high - low) * random()
  // The index is a remainder, so the position exists.
  const throttle = THROTTLES[Math.floor(row / rowsPerPull) % THROTTLES.length]!
  const progress = (row % rowsPerPull) / (rowsPerPull - 1)
  const rpm = Math.round(MIN_RPM + (MAX_RPM - MIN_RPM) * progress)
  const percent = errors.get(`${Math.round(rpm / 500) * 500}/${throttle.map}`) ?? 0
  const torque = 51 + 50 * (throttle.map - 35) / 60 * (1 - 0.4 * Math.abs(progress - 0.55)) + between(0, 10)
  // In whole hundredths, so the measured AFR has four decimals and its error is exactly `percent`.
  const commanded = 1300 - Math.round(30 * (throttle.map - 35) / 60)
  // The two cylinders differ: one is as much leaner as the other is richer.
  const difference = Math.round(between(-12, 12))
  const measured = (sign: 1 | -1) => ((commanded * (100 + percent) / 100 + sign * difference) / 100).toFixed(4)
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

function randomErrors (random: () => number): CellError[] {
  const cells = []
  for (let rpm = MIN_RPM; rpm <= MAX_RPM; rpm += 500) {
    for (const { map } of THROTTLES) {
      cells.push({ rpm, map, percent: Math.round(random() * 12) - 6 })
    }
  }
  return cells
}

/** mulberry32 by Tommy Ettinger: pseudo-random numbers from 0 up to 1, the same for the same seed. */
function mulberry32 (seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
