import { RANK_BY_WORDS, readMixtureName } from './mixture-name.js'
import { isMixture, QUANTITIES, type ColumnKey } from './quantities.js'
import { dimensionOf, parseUnit, saysNoUnit, type Dimension, type UnitName } from './units.js'

/** What the words of a column's name say. */
interface NamedQuantity {
  readonly key: ColumnKey
  /** The unit that a column of this name has when nothing names one. */
  readonly defaultUnit: UnitName
  /** Whether only a number names the cylinder. */
  readonly isNumbered: boolean
  /** The lower, the better the name fits: complete names come before names by words. */
  readonly rank: number
}

/** What the name of a column says. */
export interface NamedColumn extends NamedQuantity {
  /** The unit in the name, as it is written there; `undefined` without one. */
  readonly unitText: string | undefined
}

/** One way to split a name into words and a unit. */
interface Split {
  readonly words: readonly string[]
  readonly unitText: string | undefined
}

/** Longer names are not read. The names of logs have up to 80 characters. */
const MAX_LENGTH = 200

/** `1/lambda` and `lambda^-1`, whose 1 is not the number of a cylinder, and `Map #`, which is a number. */
const OTHER = /\b1\s*[/÷]\s*(?:λ|lam|afr|a\/f)|(?:λ|lambda|lam|afr)\s*\)?\s*(?:\^|⁻|\*\*)|#\s*$/i

/** Returns what the name of a column says; `undefined` for a column that the analysis does not use. */
export function readColumnName (name: string): NamedColumn | undefined {
  // Most fields of the lines in which a header is looked for are numbers.
  if (name.length > MAX_LENGTH || !/\p{L}/u.test(name) || OTHER.test(name)) return undefined
  for (const { words, unitText } of splits(cleanName(name))) {
    const found = readWords(words)
    if (found === undefined) continue
    if (unitText === undefined || saysNoUnit(unitText)) return { ...found, unitText: undefined }
    // `F` in `AFR Meas F` is no temperature. Any other unit that does not fit is reported later.
    const unit = parseUnit(unitText)
    const isLetter = /^[cf]$/i.test(unitText) && unit !== undefined && dimensionOf(unit) !== dimensionOfKey(found.key)
    if (!isLetter) return { ...found, unitText }
  }
  return undefined
}

/** Whether two headers have different columns in the same place, so that rows can only belong to one of them. */
export function differ (
  one: ReadonlyArray<NamedColumn | undefined>, other: ReadonlyArray<NamedColumn | undefined>
): boolean {
  return one.some((column, index) => column !== undefined && other[index] !== undefined &&
    column.key !== other[index].key)
}

/** Returns the dimension of a column. */
export function dimensionOfKey (key: ColumnKey): Dimension {
  return isMixture(key) ? 'mixture' : QUANTITIES[key].dimension
}

/** Drops quotes, the `:1` of a ratio, and prefixes in brackets, such as `(DWRT CPU)`, which name a source. */
function cleanName (name: string): string {
  const text = name.replace(/^[\s"'`#\uFEFF]+|(?:\s*:\s?1)?[\s"'`]*$/g, '')
    .replace(/(?<![([{]\s*)\bk[\s-]?rpm\b/i, 'RPM (1000 rpm)')
  const prefix = /^(?:[([{][^)\]}]*[)\]}]\s*)+(?=\S)/.exec(text)?.[0] ?? ''
  return text.slice(prefix.length)
}

/** Yields the ways to read a name, the most specific first: with a unit, then without one. */
function * splits (name: string): Generator<Split> {
  const groups = [...name.matchAll(/[([{]([^)\]}]*)[)\]}]?/g)].map(([, group = '']) => group.trim())
  const plain = name.replace(/[([{][^)\]}]*[)\]}]?/g, ' ')
  const unitText = groups.find(group => saysNoUnit(group) || parseUnit(group) !== undefined)
  if (unitText !== undefined) {
    yield { words: toWords([plain, ...groups.filter(group => group !== unitText)].join(' ')), unitText }
  }
  const all = [plain, ...groups].join(' ')
  yield * splitsByEnd(all)
  yield { words: toWords(all), unitText: undefined }
  // A group may be a unit that the example does not convert, such as `(V)`.
  if (groups.length > 0) yield { words: toWords(plain), unitText: groups.at(-1) }
}

/** A unit at the end without brackets: `MAP kPa`, `MAP_kPa`, `mapkpa`, `Torque ft-lb`, `IAT F`, `RPM1000`. */
function * splitsByEnd (text: string): Generator<Split> {
  const parts = text.trim().split(/[\s_.,;:-]+|(?<=[a-z])(?=\s?[x*×/]?\s?(?:1000|10\^3|10³)$)/i)
    .filter(part => part !== '')
  for (let count = Math.min(3, parts.length - 1); count > 0; count--) {
    const unitText = parts.slice(-count).join(' ')
    if (parseUnit(unitText) !== undefined) yield { words: toWords(parts.slice(0, -count).join(' ')), unitText }
  }
  const name = text.trim()
  const [, start, end] = /^(\w+?)(kpa|mbar|inhg|psi)$/i.exec(name) ?? []
  if (start !== undefined) yield { words: toWords(start), unitText: end }
  // Units that are names, too. `psi` alone may be any pressure.
  if (/^kpa$/i.test(name)) yield { words: ['kpa'], unitText: name }
  if (/rpm/i.test(name) && parseUnit(name) === '1000 rpm') yield { words: ['rpm'], unitText: name }
}

/** Splits at separators, between letters and digits, and in `camelCase`. */
function toWords (text: string): string[] {
  return text.replace(/λ/gi, ' lambda ')
    .replace(/\ba\/f\b|\bair\W*fuel\b/gi, ' afr ')
    // The digit of a sensor's name is not the number of a cylinder.
    .replace(/\bwb\W*o2/gi, ' wideband ').replace(/\blc\W*[12](?!\d)/gi, ' lc ').replace(/\blm\W*[12](?!\d)/gi, ' lm ')
    .replace(/\bo2/gi, ' oxygen ')
    .replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([A-Z]{2,})([A-Z][a-z]{2,})/g, '$1 $2')
    .replace(/([a-z])(\d)/gi, '$1 $2').replace(/(\d)([a-z])/gi, '$1 $2')
    .toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(word => word !== '')
}

function readWords (words: readonly string[]): NamedQuantity | undefined {
  const compact = words.join('')
  for (const [key, { defaultUnit, names, words: required, extra }] of Object.entries(QUANTITIES)) {
    const rank = names.indexOf(compact)
    const isByWords = required.some(some => some.every(word => words.includes(word)) &&
      words.every(word => some.includes(word) || extra.includes(word)))
    if (rank === -1 && !isByWords) continue
    // The keys of `QUANTITIES` are those of columns.
    return { key: key as ColumnKey, defaultUnit, isNumbered: false, rank: rank === -1 ? RANK_BY_WORDS : rank }
  }
  return readMixtureName(words)
}
