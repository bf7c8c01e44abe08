import { readColumnName } from './column-name.js'
import { MalformedLogError, SecondHeaderError } from './errors.js'
import type { LogLayout, UsedColumn } from './layout.js'
import { countKeys } from './read-head.js'
import { remember } from './remember.js'
import { isForeignUnit, parseUnit } from './units.js'

/** Names of so many columns in a record below the header make it another header. */
const HEADER_KEYS = 3

/** Many more characters than second headers have. Texts take far longer to read than numbers. */
const MAX_TEXT_LENGTH = 1_048_576

/** At the start of a field, which is no number then. */
const LETTER = /^\W*[a-z]/i

/** Longer texts are no units, and are not kept. */
const MAX_UNIT_LENGTH = 40

/** Such as `1000` and `1000 rpm`, which are also units of engine speed. */
const NUMBER = /^[\s\d.,+−-]*(?:\d\s*rpm\s*)?$/i

type Known = Pick<LogLayout, 'names' | 'unitsRow'>

/**
 * Finds headers and rows of units among the rows of a log: two logs in one file may have other columns, or other units.
 */
export class OtherHeaders {
  readonly #known: ReadonlyArray<readonly string[] | undefined>
  readonly #maxTextLength: number
  readonly #readName = remember(readColumnName)
  readonly #readUnit = remember(parseUnit)
  #textLength = 0

  constructor ({ names, unitsRow }: Known, maxTextLength = MAX_TEXT_LENGTH) {
    this.#maxTextLength = maxTextLength
    this.#known = [names, unitsRow].map(record => record?.map(toPlain))
  }

  /** Throws an error for a record that gives the rows below it other columns or units than those of the log. */
  reject (record: readonly string[], used: readonly UsedColumn[]): void {
    const isText = used.some(({ index }) => LETTER.test(fieldAt(record, index)))
    if (!isText && (record.length > 1 || !LETTER.test(fieldAt(record, 0)))) return
    if (this.#known.some(known => known?.every((field, index) => field === toPlain(fieldAt(record, index))))) return
    // A log with another separator has one field.
    const fields = record.length === 1 ? fieldAt(record, 0).split(/[,;\t]/) : record
    if (this.#isHeader(fields)) throw new SecondHeaderError()
    const other = used.find(column => this.#namesOtherUnit(fieldAt(record, column.index), column))
    if (other === undefined) return
    throw new MalformedLogError(`it has a second row of units, in which the column '${other.name}' has other units`)
  }

  #isHeader (fields: readonly string[]): boolean {
    const texts = fields.filter(field => /\p{L}/u.test(field))
    if (texts.length < HEADER_KEYS) return false
    return countKeys(texts.map(text => this.#readName(text, () => this.#limit(text)))) >= HEADER_KEYS
  }

  #limit ({ length }: string): void {
    this.#textLength += length
    if (this.#textLength <= this.#maxTextLength) return
    throw new MalformedLogError(
      `its rows have more than ${this.#maxTextLength} characters of different texts where numbers are needed`
    )
  }

  /** Whether a field is a unit, but not that of its column: another one, or one that the example does not convert. */
  #namesOtherUnit (field: string, { unit }: UsedColumn): boolean {
    if (field.length > MAX_UNIT_LENGTH || NUMBER.test(field)) return false
    const found = this.#readUnit(field)
    return found === undefined ? isForeignUnit(field) : found !== unit
  }
}

/** A record may end before the last column. */
function fieldAt (record: readonly string[], index: number): string {
  return record[index] ?? ''
}

function toPlain (field: string): string {
  return field.trim().toLowerCase()
}
