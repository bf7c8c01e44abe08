import { readColumnName, type NamedColumn } from './column-name.js'
import { MalformedLogError, SecondHeaderError } from './errors.js'
import type { LogLayout, UsedColumn } from './layout.js'
import { countKeys } from './read-head.js'
import { dimensionOf, parseUnit } from './units.js'

/** Names of so many columns in a record below the header make it another header. */
const HEADER_KEYS = 3

/** Fields whose meaning is kept, so that many rows of the same text are read quickly. */
const MAX_KEPT = 1000

/** At the start of a field, which is no number then. */
const LETTER = /^\W*[a-z]/i

type Known = Pick<LogLayout, 'names' | 'unitsRow'>

/**
 * Finds headers and rows of units among the rows of a log: two logs in one file may have other columns, or other units.
 */
export class OtherHeaders {
  readonly #known: ReadonlyArray<readonly string[] | undefined>
  readonly #names = new Map<string, NamedColumn | undefined>()

  constructor ({ names, unitsRow }: Known) {
    this.#known = [names, unitsRow].map(record => record?.map(toPlain))
  }

  /** Throws an error for a record that gives the rows below it other columns or units than those of the log. */
  reject (record: readonly string[], used: readonly UsedColumn[]): void {
    const isText = used.some(({ index }) => LETTER.test(record[index] ?? ''))
    if (!isText && (record.length > 1 || !LETTER.test(record[0] ?? ''))) return
    if (this.#known.some(known => known?.every((field, index) => field === toPlain(record[index] ?? '')))) return
    // A log with another separator has one field.
    const fields = record.length === 1 ? (record[0] ?? '').split(/[,;\t]/) : record
    if (countKeys(fields.map(field => this.#read(field))) >= HEADER_KEYS) throw new SecondHeaderError()
    const other = used.find(column => namesOtherUnit(record[column.index] ?? '', column))
    if (other === undefined) return
    throw new MalformedLogError(`it has a second row of units, in which the column '${other.name}' has other units`)
  }

  #read (field: string): NamedColumn | undefined {
    if (this.#names.has(field)) return this.#names.get(field)
    const column = readColumnName(field)
    if (this.#names.size < MAX_KEPT) this.#names.set(field, column)
    return column
  }
}

function namesOtherUnit (field: string, column: UsedColumn): boolean {
  const unit = parseUnit(field)
  return unit !== undefined && unit !== column.unit && dimensionOf(unit) === dimensionOf(column.unit)
}

function toPlain (field: string): string {
  return field.trim().toLowerCase()
}
