import type { MixtureKey } from './quantities.js'
import type { UnitName } from './units.js'

/** A column of mixtures. */
export interface MixtureName {
  readonly key: MixtureKey
  /** The unit that the name says. */
  readonly defaultUnit: UnitName
  /** Whether only a number names the cylinder: `AFR 1` may be the only sensor. */
  readonly isNumbered: boolean
  /** The lower, the better the name fits: complete names, names by words, names that do not name a sensor. */
  readonly rank: number
}

/** Worse than that of any complete name. */
export const RANK_BY_WORDS = 100
const RANK_VAGUE = RANK_BY_WORDS + 1

type Part = 'AFR' | 'lambda' | 'wideband' | 'commanded' | 'measured' | 'front' | 'rear' | 'any'

const words = (part: Part, list: string) => list.split(' ').map(word => [word, part] as const)

/** What each word of a name says. A name with any other word, such as `error` or `trim`, is not that of a mixture. */
const PARTS: ReadonlyMap<string, Part> = new Map([
  ...words('AFR', 'afr'),
  ...words('lambda', 'lambda lam'),
  ...words('wideband', 'wideband wb wbo oxygen'),
  ...words('commanded', 'cmd commanded command target tgt desired set setpoint requested req'),
  ...words('measured', 'meas measured actual lc lm innovate aem uego zeitronix plx sniffer tailpipe'),
  ...words('front', 'front f 1'),
  ...words('rear', 'rear r 2'),
  ...words('any', 'ratio petrol gasoline gas volts cyl cylinder bank sensor sae at dlg')
])

/** Complete names without separators and cylinder, in order of preference. */
const COMPLETE = {
  commanded: ['afrcmd', 'cmdafr', 'afrtarget', 'targetafr', 'commandedafr', 'desiredafr'],
  measured: ['afrmeas', 'measuredafr', 'wbafr', 'widebandafr', 'afr', 'oxygen']
} as const

/** Complete names that may be of another sensor, or a target, when the log has a column of a named sensor. */
const VAGUE: readonly string[] = ['afr', 'oxygen']

const CYLINDERS = [
  { key: '', endings: [''] }, { key: 'Front', endings: ['f', 'front'] }, { key: 'Rear', endings: ['r', 'rear'] }
] as const

/**
 * Reads the name of a mixture by its words: AFR or lambda, commanded or measured, front or rear. A mixture that is not
 * commanded is measured. Returns `undefined` for any other name.
 */
export function readMixtureName (name: readonly string[]): MixtureName | undefined {
  const complete = readCompleteName(name.join(''))
  if (complete !== undefined) return { ...complete, isNumbered: false }
  const parts = new Set<Part>()
  for (const word of name) {
    const part = PARTS.get(word)
    if (part === undefined) return undefined
    parts.add(part)
  }
  const says = (...some: readonly Part[]) => some.filter(part => parts.has(part)).length
  const isMeasured = says('wideband', 'measured') > 0
  if (says('AFR', 'lambda', 'wideband') === 0 || says('AFR', 'lambda') === 2 || says('front', 'rear') === 2) {
    return undefined
  }
  if (parts.has('commanded') && isMeasured) return undefined
  // `LC2 Volts Petrol AFR` is the AFR of a wideband with an analogue output. Other volts are no mixture.
  if (name.includes('volts') && !(name.includes('lc') && parts.has('AFR'))) return undefined
  const cylinder = parts.has('front') ? 'Front' : parts.has('rear') ? 'Rear' : ''
  return {
    key: `${parts.has('commanded') ? 'commanded' : 'measured'}${cylinder}`,
    defaultUnit: parts.has('lambda') ? 'lambda' : 'AFR',
    isNumbered: name.includes('1') || name.includes('2'),
    rank: parts.has('commanded') || (isMeasured && !name.includes('oxygen')) ? RANK_BY_WORDS : RANK_VAGUE
  }
}

/** The name may be in one word, such as `afrmeasf`, or have the cylinder in full, such as `measured afr front`. */
function readCompleteName (compact: string): Omit<MixtureName, 'isNumbered'> | undefined {
  for (const [role, names] of Object.entries(COMPLETE)) {
    for (const [rank, name] of names.entries()) {
      const cylinder = CYLINDERS.find(({ endings }) => endings.some(ending => name + ending === compact))
      // The keys of `COMPLETE` are the roles.
      const key = role as keyof typeof COMPLETE
      if (cylinder === undefined) continue
      return { key: `${key}${cylinder.key}`, defaultUnit: 'AFR', rank: VAGUE.includes(name) ? RANK_VAGUE : rank }
    }
  }
  return undefined
}
