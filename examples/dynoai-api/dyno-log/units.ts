/** What a column of a log measures. Units of one dimension can be converted into each other. */
export type Dimension = 'speed' | 'pressure' | 'torque' | 'power' | 'mixture' | 'temperature' | 'percent'

/** AFR of a stoichiometric mixture of petrol and air: AFR = 14.7 × lambda. */
export const STOICHIOMETRIC_AFR = 14.7

interface Unit {
  readonly dimension: Dimension
  /** Converts a value into the unit that the analysis uses: rpm, kPa, lb-ft, hp, AFR, °F, %. */
  readonly convert: (value: number) => number
  /** In lower case, without spaces, dots, hyphens and signs of multiplication. */
  readonly spellings: readonly string[]
}

const times = (factor: number) => (value: number) => value * factor
const same = (value: number) => value

const TABLE = {
  rpm: {
    dimension: 'speed',
    convert: same,
    spellings: [
      'rpm', 'revs', '1/min', 'min1', 'min^1', 'min⁻¹', 'r/min', 'rev/min', 'revs/min', 'u/min', 'upm', 'tr/min'
    ]
  },
  '1000 rpm': {
    dimension: 'speed',
    convert: times(1000),
    spellings: [
      '1000', '/1000', '1000rpm', '1000r/min', '1000/min', '10001/min', 'rpm1000', 'rpm/1000', 'krpm',
      'k', 'thousand', 'thousands', 'rpmthousands', 'inthousands', '1000s', '10^3', '10³', '10^3/min', '10³/min',
      '10^3rpm', '1,000', '1,000rpm', '1/min1000', 'min11000', '1000min1', 'min⁻¹1000', 'u/min1000'
    ]
  },
  kPa: { dimension: 'pressure', convert: same, spellings: ['kpa', 'kpaa', 'kpaabs', 'kilopascal', 'kilopascals'] },
  mbar: {
    dimension: 'pressure',
    convert: times(0.1),
    spellings: ['mbar', 'mbara', 'mbarabs', 'hpa', 'hpaabs', 'millibar', 'millibars']
  },
  bar: { dimension: 'pressure', convert: times(100), spellings: ['bar', 'bara', 'barabs'] },
  inHg: {
    dimension: 'pressure',
    convert: times(3.386389),
    spellings: ['inhg', 'inhga', 'inhgabs', '"hg', '"hga', 'inchhg', 'inchesofmercury']
  },
  psi: { dimension: 'pressure', convert: times(6.894757), spellings: ['psi', 'psia', 'psiabs', 'lb/in²', 'lb/in2'] },
  'lb-ft': {
    dimension: 'torque',
    convert: same,
    spellings: [
      'lbft', 'lbfft', 'lbsft', 'ftlb', 'ftlbs', 'ftlbf', 'ft/lb', 'ft/lbs', 'lb/ft', 'footpounds', 'poundfeet'
    ]
  },
  N·m: { dimension: 'torque', convert: times(0.7375621), spellings: ['nm', 'newtonmeter', 'newtonmeters'] },
  kgf·m: { dimension: 'torque', convert: times(7.233014), spellings: ['kgfm', 'kgm', 'mkg', 'mkp'] },
  hp: { dimension: 'power', convert: same, spellings: ['hp', 'bhp', 'whp', 'horsepower'] },
  kW: { dimension: 'power', convert: times(1.341022), spellings: ['kw', 'kilowatt', 'kilowatts'] },
  PS: { dimension: 'power', convert: times(0.9863201), spellings: ['ps', 'cv', 'ch'] },
  AFR: { dimension: 'mixture', convert: same, spellings: ['afr', 'a/f', 'air/fuel', 'afr:1'] },
  lambda: { dimension: 'mixture', convert: times(STOICHIOMETRIC_AFR), spellings: ['lambda', 'λ', 'lam'] },
  '°F': { dimension: 'temperature', convert: same, spellings: ['°f', 'f', 'degf', 'deg°f', 'fahrenheit'] },
  '°C': {
    dimension: 'temperature',
    convert: (value: number) => value * 1.8 + 32,
    spellings: ['°c', 'c', 'degc', 'deg°c', 'celsius']
  },
  '%': { dimension: 'percent', convert: same, spellings: ['%', 'percent', 'pct'] }
} as const satisfies Record<string, Unit>

/** A unit that the example converts. */
export type UnitName = keyof typeof TABLE

/** Spellings that stand where a unit stands, but name none. */
const NO_UNIT: ReadonlySet<string> = new Set(['', 'none', 'n/a', 'na', 'ratio', ':1', 'value', 'o2', '#'])

/** Units that logs have and the example does not convert, so that a row of nothing else is known as a row of units. */
const FOREIGN_UNITS: ReadonlySet<string> = new Set([
  'v', 'mv', 'volt', 'volts', 'hz', 'rad/s', '1/s', 'rps', 'psig', 'kpag', 'barg', 'mbarg', 'inhgvac', 'inhgg', 'mmhg',
  'torr', 'pa', 'atm', 'inh2o', 'kg/cm2', 'kg/cm²', 'eq', 'eqr', 'eqratio', 'phi', 'φ', 'ϕ', '1/λ', '1/lambda', 'adc',
  'counts', 'raw', '°k', 'k', 'deg', '°'
])

const NAMES = Object.keys(TABLE) as UnitName[]
const BY_SPELLING: ReadonlyMap<string, UnitName> =
  new Map(NAMES.flatMap(name => TABLE[name].spellings.map(spelling => [spelling, name] as const)))

/** Returns the unit with this spelling, in any case, or `undefined`. */
export function parseUnit (text: string): UnitName | undefined {
  return BY_SPELLING.get(compactUnit(text))
}

/** Whether a text stands for "no unit", such as `:1` or an empty field. */
export function saysNoUnit (text: string): boolean {
  return NO_UNIT.has(compactUnit(text))
}

/** Whether a text is a unit that the example does not convert, such as that of a gauge or of a voltage. */
export function isForeignUnit (text: string): boolean {
  return FOREIGN_UNITS.has(compactUnit(text))
}

/** Returns the dimension of a unit. */
export function dimensionOf (unit: UnitName): Dimension {
  return TABLE[unit].dimension
}

/** Returns the units of a dimension, for a message. */
export function unitsOf (dimension: Dimension): string {
  return NAMES.filter(name => TABLE[name].dimension === dimension).join(', ')
}

/** Converts a value into the unit that the analysis uses. */
export function convert (value: number, unit: UnitName): number {
  return TABLE[unit].convert(value)
}

/** `1/min` and `:1` keep their sign; `ft-lb`, `N·m`, `x 1000`, `[kPa]` and `kPa (abs)` are written in many ways. */
function compactUnit (text: string): string {
  return text.toLowerCase().replace(/[ºª˚]/g, '°').replace(/[\s._()[\]{}·⋅•×*−-]+/g, '').replace(/x(?=1)|(?<=1000)x/g, '')
}
