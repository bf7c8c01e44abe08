import type { Dimension, UnitName } from './units.js'

/** The columns that the analysis can use. A mixture without a cylinder is that of both. */
export type ColumnKey = 'rpm' | 'map' | 'torque' | 'power' | 'tps' | 'iat' |
  'commanded' | 'commandedFront' | 'commandedRear' | 'measured' | 'measuredFront' | 'measuredRear'

/** What a name must have to be that of a column. */
export interface Quantity {
  /** For messages. */
  readonly label: string
  readonly dimension: Dimension
  /** The unit of a column when nothing names one. */
  readonly defaultUnit: UnitName
  /** Complete names, without prefix, unit and separators, in order of preference. */
  readonly names: readonly string[]
  /** Names by words: all words of one of `words`, and no other words than those of `extra`. */
  readonly words: ReadonlyArray<readonly string[]>
  readonly extra: readonly string[]
  /** Names that would do, for a message. */
  readonly examples: string
}

const DYNO_WORDS = ['engine', 'wheel', 'dyno', 'drum', '1', 'sae', 'std', 'din', 'corrected', 'uncorrected', 'smoothed']

/** The columns that are not mixtures. */
export const QUANTITIES: Readonly<Record<Exclude<ColumnKey, MixtureKey>, Quantity>> = {
  rpm: {
    label: 'engine speed',
    dimension: 'speed',
    defaultUnit: 'rpm',
    names: ['rpm', 'enginerpm', 'enginespeed', 'motorrpm', 'rpmengine', 'engspeed'],
    words: [['rpm'], ['engine', 'speed'], ['motor', 'speed'], ['crank', 'speed'], ['crankshaft', 'speed']],
    extra: ['engine', 'motor', 'crank', 'crankshaft', 'speed', 'sae', 'actual', 'sensor', 'eng'],
    examples: "'RPM', 'Engine RPM', 'RPM1000'"
  },
  map: {
    label: 'manifold pressure',
    dimension: 'pressure',
    defaultUnit: 'kPa',
    names: ['map', 'manifoldpressure', 'manifoldabsolutepressure', 'intakemanifoldpressure', 'kpa'],
    words: [['map'], ['manifold', 'pressure'], ['manifold', 'press']],
    extra: [
      'manifold', 'absolute', 'abs', 'pressure', 'press', 'intake', 'inlet', 'engine', 'sensor', 'air', 'sae', 'front',
      'rear'
    ],
    examples: "'MAP kPa', 'MAP (inHg)', 'Manifold Pressure'"
  },
  torque: {
    label: 'torque',
    dimension: 'torque',
    defaultUnit: 'lb-ft',
    names: ['torque', 'tq', 'enginetorque', 'wheeltorque'],
    words: [['torque'], ['tq'], ['trq']],
    extra: DYNO_WORDS,
    examples: "'Torque', 'Torque (N·m)', 'TQ'"
  },
  power: {
    label: 'power',
    dimension: 'power',
    defaultUnit: 'hp',
    names: ['hp', 'horsepower', 'power'],
    words: [['power'], ['horsepower'], ['hp'], ['bhp'], ['whp']],
    extra: DYNO_WORDS,
    examples: "'HP', 'Power (kW)'"
  },
  tps: {
    label: 'throttle position',
    dimension: 'percent',
    defaultUnit: '%',
    names: ['tps', 'throttleposition', 'throttle', 'tp'],
    words: [['tps'], ['throttle'], ['tp']],
    extra: ['throttle', 'position', 'sensor', 'sae', 'absolute', 'abs'],
    examples: "'TPS'"
  },
  iat: {
    label: 'intake air temperature',
    dimension: 'temperature',
    defaultUnit: '°F',
    names: ['iat', 'intakeairtemperature', 'intakeairtemp', 'mat'],
    words: [
      ['iat'], ['mat'], ['intake', 'temp'], ['intake', 'temperature'], ['inlet', 'temp'], ['inlet', 'temperature'],
      ['manifold', 'temp'], ['manifold', 'temperature']
    ],
    extra: ['intake', 'inlet', 'manifold', 'air', 'temp', 'temperature', 'sensor', 'sae'],
    examples: "'IAT (°C)'"
  }
}

/** The columns of mixtures. */
export type MixtureKey = Extract<ColumnKey, `commanded${string}` | `measured${string}`>

const MIXTURE_LABELS: Readonly<Record<MixtureKey, string>> = {
  commanded: 'commanded mixture',
  commandedFront: 'commanded mixture of the front cylinder',
  commandedRear: 'commanded mixture of the rear cylinder',
  measured: 'measured mixture',
  measuredFront: 'measured mixture of the front cylinder',
  measuredRear: 'measured mixture of the rear cylinder'
}

/** Returns what a column measures, for a message. */
export function labelOf (key: ColumnKey): string {
  return isMixture(key) ? MIXTURE_LABELS[key] : QUANTITIES[key].label
}

/** Whether a column is that of a mixture. */
export function isMixture (key: ColumnKey): key is MixtureKey {
  return key in MIXTURE_LABELS
}
