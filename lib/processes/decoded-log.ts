import { NONE } from '../series/label-values.js'
import { widthOf } from './definition.js'
import type { FamilyDefinition } from './definition.js'
import { FileProblem } from './file-problem.js'
import { grownIds } from './grown-array.js'
import { LogDecoder } from './labels-log.js'
import type { LogVisitor } from './labels-log.js'
import type { SharedLabels, SharedSeries } from './shared-series.js'
import type { FamilySnapshot } from './snapshot.js'

/** The most indices that all metrics of a slot can have together. They take 4 B each. */
export const MAX_SERIES = 2 ** 21
/** Numbers checked between two pauses: about 20 µs of work. */
const NUMBERS_PER_PAUSE = 2 ** 14

interface DecodedFamily {
  readonly definition: FamilyDefinition
  readonly series: SharedSeries
  ids: Int32Array
  /** All indices that have or had a series are below this. */
  length: number
}

/** The families and series of a labels log, as far as it is decoded. */
export class DecodedLog implements LogVisitor {
  readonly #labels: SharedLabels
  readonly #families: DecodedFamily[] = []
  readonly #decoder = new LogDecoder(this)
  /** The indices of all families. */
  #indices = 0

  constructor (labels: SharedLabels) {
    this.#labels = labels
  }

  /** How many bytes of the log are decoded. */
  get decoded (): number {
    return this.#decoder.decoded
  }

  /**
   * Decodes the bytes that follow those already decoded, and pauses regularly.
   * @throws FileProblem for a record that breaks a rule, or if the last one is not complete
   */
  * decode (bytes: Buffer): Generator<void> {
    const end = this.decoded + bytes.length
    yield * this.#decoder.decode(bytes)
    if (this.decoded < end) throw new FileProblem('truncated', 'the last record of the labels log is not complete')
  }

  define (definition: FamilyDefinition): void {
    const series = this.#labels.use(definition)
    this.#families.push({ definition, series, ids: new Int32Array(0), length: 0 })
  }

  begin (number: number, index: number, labels: readonly string[]): void {
    const family = this.#families[number]! // the decoder checked it
    if (index >= family.length) this.#grow(family, index + 1)
    if (family.ids[index] !== NONE) throw new FileProblem('malformed', `a second series at the index ${index}`)
    family.ids[index] = family.series.use(labels)
  }

  end (number: number, index: number): void {
    const { ids, length, series } = this.#families[number]! // the decoder checked it
    if (index >= length || ids[index] === NONE) throw new FileProblem('malformed', `no series at the index ${index}`)
    series.release(ids[index]!) // below the length
    ids[index] = NONE
  }

  /**
   * The families with their numbers, which for each family are its length and its numbers. Checks them, and pauses now
   * and then.
   * @throws FileProblem if they do not fit to the log, or if one of them cannot be a value of its metric
   */
  * snapshots (numbers: Float64Array): Generator<void, FamilySnapshot[]> {
    const snapshots: FamilySnapshot[] = []
    let at = 0
    for (const { definition, series, ids, length: usedLength } of this.#families) {
      const length = numbers[at++] ?? NaN
      const count = length * widthOf(definition)
      if (!(Number.isSafeInteger(length) && length >= usedLength && at + count <= numbers.length)) {
        throw new FileProblem('malformed', `the number of series of '${definition.name}'`)
      }
      yield * checkNumbers(definition, numbers.subarray(at, at + count))
      // A series that ended may have had the last index, so the log and the numbers differ in length.
      snapshots.push({ definition, series, ids, length: usedLength, numbers: numbers.subarray(at, at + count) })
      at += count
    }
    if (at !== numbers.length) throw new FileProblem('malformed', `${numbers.length - at} numbers too many`)
    return snapshots
  }

  /** Discards everything: other slots may use the ids for other labels. */
  dispose (): void {
    for (const { definition, series, ids } of this.#families) {
      for (const id of ids) if (id !== NONE) series.release(id)
      this.#labels.release(definition)
    }
    this.#families.length = 0
  }

  #grow (family: DecodedFamily, length: number): void {
    this.#indices += length - family.length
    if (this.#indices > MAX_SERIES) throw new FileProblem('too_large', `more than ${MAX_SERIES} series`)
    family.length = length
    if (length > family.ids.length) family.ids = grownIds(family.ids, length, NONE)
  }
}

function * checkNumbers ({ name, type }: FamilyDefinition, numbers: Float64Array): Generator<void> {
  const least = type === 'gauge' ? -Infinity : 0
  for (let from = 0; from < numbers.length; from += NUMBERS_PER_PAUSE) {
    const to = Math.min(from + NUMBERS_PER_PAUSE, numbers.length)
    if (!areValues(numbers.subarray(from, to), least)) throw new FileProblem('malformed', `a number of '${name}'`)
    yield
  }
}

function areValues (numbers: Float64Array, least: number): boolean {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]! // i is below the length
    if (!(value >= least && value - value === 0)) return false
  }
  return true
}
