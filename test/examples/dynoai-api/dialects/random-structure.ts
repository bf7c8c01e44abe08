import type { Random } from '../../../fixtures/random.js'
import type { LogStyle } from './write-log.js'

type Separator = LogStyle['separator']
type Structure = Required<Pick<LogStyle, 'preamble' | 'below' | 'finish'>>

const SIMPLE_PREAMBLES: ReadonlyArray<readonly string[]> = [
  [], [], ['RPM,1500,5500'], ['Run 12 "stock', ''], ['RPM and MAP in this log', '', 'sep=,']
]

/** Writes what is around the rows: text and lists above the header, lines below it, and a second run. */
export function randomStructure (
  random: Random, separator: Separator, { header, unitsRow }: { readonly header: string, readonly unitsRow?: string }
): Structure {
  const { float, pick } = random
  const reversed = reorder(header, separator, fields => fields.reverse())
  const list = pick([reversed, `Channels${separator}${reversed}`, header])
  const units = unitsRow === undefined ? [] : [inBrackets(unitsRow, separator, float() < 0.2)]
  const noValues = Array<string>(pick([1, 8])).fill(`0${`${separator}N/A`.repeat(header.split(separator).length - 1)}`)
  return {
    preamble: float() < 0.15 ? [list, ...pick(SIMPLE_PREAMBLES)] : pick(SIMPLE_PREAMBLES),
    below: [...float() < 0.1 ? [header] : [], ...units, ...float() < 0.1 ? noValues : []],
    finish: float() < 0.2 ? secondRun(random, separator, unitsRow) : lines => lines
  }
}

/** A second run has the same columns, other ones, other units, or another separator. */
function secondRun ({ pick }: Random, separator: Separator, unitsRow: string | undefined): Structure['finish'] {
  const same = (line: string) => line
  const rotated = (line: string) => reorder(line, separator, ([first = '', ...others]) => [...others, first])
  const reversed = (line: string) => reorder(line, separator, fields => fields.reverse())
  const separated = (line: string) => reorder(line, separator, fields => fields, separator === '\t' ? ';' : '\t')
  const change = pick([same, same, rotated, reversed, separated])
  const units = unitsRow === undefined ? [] : [change(unitsRow)]
  return (lines, header) => {
    const middle = Math.floor(lines.length / 2)
    return [...lines.slice(0, middle), '', change(header), ...units, ...lines.slice(middle).map(change)]
  }
}

function inBrackets (line: string, separator: Separator, isBracketed: boolean): string {
  const bracket = (fields: string[]) => fields.map(field => field === '' ? '' : `[${field}]`)
  return isBracketed ? reorder(line, separator, bracket) : line
}

/** Changes the fields of a line. A separator within quotation marks separates nothing. */
function reorder (
  line: string, separator: Separator, change: (fields: string[]) => string[], joint: string = separator
): string {
  const fields = ['']
  let isQuoted = false
  for (const sign of line) {
    if (sign === '"') isQuoted = !isQuoted
    if (sign === separator && !isQuoted) fields.push('')
    else fields.push(fields.pop() + sign)
  }
  return change(fields).join(joint)
}
