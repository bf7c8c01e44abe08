import type { Random } from '../../../fixtures/random.js'
import { randomName, randomPrefix } from './random-name.js'
import { DECOYS, QUANTITIES, type FuzzedQuantity } from './random-quantities.js'
import { randomStructure } from './random-structure.js'
import { TRICKS } from './random-tricks.js'
import type { TrueRow } from './truth.js'
import type { Column, LogStyle } from './write-log.js'

/** UTF-16 without a mark is refused. */
const ENCODINGS = [
  ...Array<'utf8'>(6).fill('utf8'), ...Array<'latin1'>(3).fill('latin1'),
  'utf8-mark', 'utf16le-mark', 'utf16le-mark', 'utf16be-mark', 'utf16le'
] as const

/** How often a column is left out, gets an unknown name, is written twice, or has no label of an unusual unit. */
const LEFT_OUT = 0.02
const UNKNOWN_NAME = 0.02
const TWICE = 0.04
const UNLABELLED = 0.03

/**
 * Writes a log in a random way. A label names the unit of its column, but one label in a log of complete runs may be
 * wrong.
 */
export function createStyle (random: Random, mayLie: boolean): LogStyle {
  const { float, pick } = random
  const liar = mayLie && float() < 0.2 ? pick(QUANTITIES) : undefined
  const trick = mayLie && liar === undefined && float() < 0.15 ? pick(TRICKS) : undefined
  const separator = pick([',', '\t', ';'] as const)
  const written: Array<{ column: Column, unitsRow: string }> = []
  for (const quantity of QUANTITIES) {
    if (float() < LEFT_OUT) continue
    if (trick !== undefined && trick.replaces === quantity.key) {
      written.push({ column: trick.column, unitsRow: '' })
      continue
    }
    written.push(writeColumn(random, quantity, quantity === liar))
    if (float() < TWICE) written.push(writeColumn(random, quantity, false))
  }
  while (float() < 0.6) written.push({ column: pick(DECOYS), unitsRow: '' })
  const shuffled = shuffle(random, written)
  const number = pickNumberStyle(random, separator)
  const columns = shuffled.map(({ column: [name, text] }): Column =>
    [name.includes(separator) ? `"${name}"` : name, text])
  const header = columns.map(([name]) => name).join(separator)
  const unitsRow = shuffled.map(({ unitsRow }) => unitsRow).join(separator)
  const hasUnitsRow = shuffled.some(({ unitsRow }) => unitsRow !== '')
  return {
    separator,
    columns,
    ...randomStructure(random, separator, { header, ...hasUnitsRow && { unitsRow } }),
    lineEnd: pick(['\n', '\r\n', '\r'] as const),
    encoding: pick(ENCODINGS),
    number
  }
}

function writeColumn (random: Random, { units, names }: FuzzedQuantity, isLiar: boolean) {
  const { float, pick } = random
  const [text, spellings] = pick(units)
  const others = units.filter(([other]) => other !== text)
  const label = pick(isLiar && others.length > 0 ? pick(others)[1] : spellings)
  const isLabelled = isLiar || float() > (text === units[0]?.[0] ? 0.5 : UNLABELLED)
  const place = isLabelled ? pick(['brackets', 'square', 'end', 'row', 'behind'] as const) : undefined
  const plain = float() < UNKNOWN_NAME ? pick(['Channel 7', 'Sensor X', 'Value']) : randomName(random, pick(names))
  const named = {
    brackets: `${plain} (${label})`, square: `${plain} [${label}]`, end: `${plain} ${label}`, row: plain, behind: plain
  }
  const name = place === undefined ? plain : named[place]
  return {
    column: [
      randomPrefix(random) + name, place === 'behind' ? (row: TrueRow) => `${text(row)} ${label}` : text
    ] as const,
    unitsRow: place === 'row' ? label : ''
  }
}

function pickNumberStyle ({ pick }: Random, separator: string): (text: string) => string {
  const change = (whole: string, mark: string) => (text: string) => {
    const [, digits = '', decimals, rest = ''] = /^(\d*)(?:\.(\d+))?(.*)$/s.exec(text) ?? []
    return digits.replace(/\B(?=(\d{3})+$)/g, whole) + (decimals === undefined ? '' : mark + decimals) + rest
  }
  const styles = [change('', '.'), change('', '.'), change('', ','), change(',', '.'), change('.', ','), change(' ',
    '.'), change("'", ','), change('\u2009', ',')]
  const style = pick(styles)
  const isQuoted = separator === ',' && pick([true, true, false])
  const before = isQuoted ? pick(['', '', ' ', '=']) : ''
  return isQuoted ? text => `${before}"${style(text)}"` : style
}

function shuffle <T> ({ integer }: Random, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(integer(0, left.length - 1), 1)[0]!) // As many as there are.
}
