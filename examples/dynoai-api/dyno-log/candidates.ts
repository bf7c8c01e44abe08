import { dimensionOfKey, type NamedColumn } from './column-name.js'
import { readValue, type DecimalMark } from './numbers.js'
import { labelOf } from './quantities.js'
import type { Header } from './read-head.js'
import type { Sample } from './sample.js'
import { dimensionOf, parseUnit, saysNoUnit, unitsOf, type UnitName } from './units.js'
import { findDoubt, toText } from './value-doubts.js'
import { ValueSketch } from './value-sketch.js'

/** A column of the log that the analysis may use. */
export interface Candidate extends NamedColumn {
  readonly index: number
  readonly name: string
  readonly unit: UnitName
  readonly isLabelled: boolean
  readonly values: ValueSketch
  /** The first field that is not a number; `undefined` if all are numbers or empty. */
  firstText: string | undefined
  /** Why the unit is not understood, as a sentence. */
  readonly unitProblem: string | undefined
}

/** Of a text that a message repeats. */
const MAX_TEXT_LENGTH = 40

/** Why a column cannot be used: its unit is unknown, its values do not fit, it is empty, or there is another one. */
export interface Problem {
  readonly kind: 'unit' | 'values' | 'empty' | 'rival'
  /** For the rider. */
  readonly sentence: string
}

/** Returns the columns that the analysis may use, with their units from the name, the units row and behind values. */
export function findCandidates ({ names, columns }: Header, { unitsRow, suffixes }: Sample): Candidate[] {
  return columns.flatMap((column, index) => {
    if (column === undefined) return []
    // There are as many names, and lists of suffixes, as columns.
    const name = names[index]!.trim()
    const texts = [column.unitText ?? '', unitsRow?.[index] ?? '', ...suffixes[index]!]
      .filter(text => !saysNoUnit(text))
    const values = new ValueSketch()
    return [{ ...column, index, name, values, firstText: undefined, ...understandUnit(name, column, texts) }]
  })
}

/** Adds the values of a record to its candidates. */
export function addValues (record: readonly string[], candidates: readonly Candidate[], mark: DecimalMark): void {
  for (const candidate of candidates) {
    const value = readColumn(record, candidate, mark)
    candidate.values.add(value)
    const field = record[candidate.index]
    if (candidate.firstText !== undefined || field === undefined || !Number.isNaN(value)) continue
    const text = field.trim().slice(0, MAX_TEXT_LENGTH)
    if (text !== '') candidate.firstText = text
  }
}

/** Returns the number in a column; NaN without one, or when another unit than that of the column is behind it. */
export function readColumn (
  record: readonly string[], { index, unit }: { readonly index: number, readonly unit: UnitName }, mark: DecimalMark
): number {
  const field = record[index]
  // Logs of many sensors have many empty fields.
  if (field === undefined || field === '') return NaN
  const { value, suffix } = readValue(field, mark)
  return suffix === '' || saysNoUnit(suffix) || parseUnit(suffix) === unit ? value : NaN
}

/** Returns why a candidate cannot be used; `undefined` if it can. */
export function findProblem (candidate: Candidate): Problem | undefined {
  const { key, name, unit, isLabelled, values, firstText, unitProblem } = candidate
  if (unitProblem !== undefined) return { kind: 'unit', sentence: unitProblem }
  if (values.positive === 0) return { kind: 'empty', sentence: describeEmpty(name, values, firstText) }
  const doubt = findDoubt({ unit, isLabelled }, values)
  if (doubt === undefined) return undefined
  return { kind: 'values', sentence: `The column '${name}' cannot be ${labelOf(key)} in ${unit}: ${doubt}` }
}

function describeEmpty (name: string, { count, min, max }: ValueSketch, text: string | undefined): string {
  const sentence = `The column '${name}' has no values above 0`
  if (count > 0) return `${sentence}: its values are ${toText(min)} to ${toText(max)}.`
  return text === undefined ? `${sentence}: it is empty.` : `${sentence}: it has texts such as '${text}'.`
}

function understandUnit (
  name: string, { key, defaultUnit }: NamedColumn, texts: readonly string[]
): Pick<Candidate, 'unit' | 'isLabelled' | 'unitProblem'> {
  const dimension = dimensionOfKey(key)
  const units = new Set<UnitName>()
  for (const text of texts) {
    const unit = parseUnit(text)
    if (unit === undefined || dimensionOf(unit) !== dimension) {
      const unitProblem = `The column '${name}' is in '${text}'. Units that are read are ${unitsOf(dimension)}.`
      return { unit: defaultUnit, isLabelled: true, unitProblem }
    }
    units.add(unit)
  }
  const [unit = defaultUnit] = units
  const unitProblem = units.size > 1 ? `The column '${name}' has several units: ${[...units].join(', ')}.` : undefined
  return { unit, isLabelled: units.size > 0, unitProblem }
}
