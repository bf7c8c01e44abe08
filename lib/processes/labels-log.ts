import { AGGREGATORS } from '../series/gauge-family.js'
import { isLabelName, isMetricName } from '../util/names.js'
import type { FamilyDefinition } from './definition.js'
import { FileProblem } from './file-problem.js'
import { RecordReader } from './record-reader.js'

/** The largest log that is read, in bytes. */
export const MAX_LOG_BYTES = 2 ** 26
/** The largest record, in bytes: a definition with many buckets, or a series with many long labels. */
const MAX_RECORD_BYTES = 2 ** 20
const MAX_FAMILIES = 10_000
const MAX_LABELS = 1_000
const MAX_BUCKETS = 10_000

/** Records decoded between two pauses: about 30 µs of work. */
const RECORDS_PER_PAUSE = 32

const TYPES = ['counter', 'gauge', 'histogram'] as const

/** The kinds of records. Each record begins with its length without these 4 bytes, and its kind. */
const DEFINE = 1
const BEGIN = 2
const END = 3

/** The bytes of a record that ends a series, and of the part of one that begins a series before the labels. */
const INDEX_BYTES = 4 + 1 + 4 + 4

/** The size of the encoder's memory at first, and the most that it keeps, in bytes. */
const FIRST_BYTES = 2 ** 10
const MAX_KEPT_BYTES = 2 ** 16

/**
 * Encodes the records of a labels log; throws a `FileProblem` for one that readers would reject as too large. A record
 * refers to a family by its number in the order of the definitions. All numbers are little-endian, and texts are UTF-8
 * after their length.
 */
export class LogEncoder {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  #length = 0

  /** How many bytes are encoded since `take`. */
  get length (): number {
    return this.#length
  }

  /** Encodes a definition; returns the size of the record in bytes. */
  define (definition: FamilyDefinition): number {
    const start = this.#beginRecord(DEFINE)
    this.#writeInteger(TYPES.indexOf(definition.type))
    this.#writeInteger(AGGREGATORS.indexOf(definition.aggregator))
    this.#writeNumber(definition.maxSeries)
    this.#writeInteger(definition.unlimitedLabels)
    this.#writeNumber(definition.since)
    this.#writeText(definition.name)
    this.#writeText(definition.help)
    this.#writeInteger(definition.labelNames.length)
    for (const name of definition.labelNames) this.#writeText(name)
    this.#writeInteger(definition.buckets.length)
    for (const bound of definition.buckets) this.#writeNumber(bound)
    return this.#endRecord(start)
  }

  /** Encodes that a series began; returns the size of the record in bytes. */
  begin (family: number, index: number, labels: readonly string[]): number {
    const start = this.#beginRecord(BEGIN)
    this.#writeInteger(family)
    this.#writeInteger(index)
    for (let i = 0; i < labels.length; i++) this.#writeText(labels[i]!) // i is below the length
    return this.#endRecord(start)
  }

  /** Encodes that a series ended; returns the size of the record in bytes. */
  end (family: number, index: number): number {
    const start = this.#beginRecord(END)
    this.#writeInteger(family)
    this.#writeInteger(index)
    return this.#endRecord(start)
  }

  /** The encoded bytes. They are valid until the next record. */
  take (): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    // The first records of a process are many, later ones are few.
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES)
    return bytes
  }

  #beginRecord (kind: number): number {
    this.#reserve(INDEX_BYTES)
    const start = this.#length
    this.#length += 4
    this.#bytes[this.#length++] = kind
    return start
  }

  #endRecord (start: number): number {
    const size = this.#length - start
    if (size - 4 > MAX_RECORD_BYTES) throw new FileProblem('too_large', `a record of ${size - 4} bytes`)
    this.#bytes.writeUInt32LE(size - 4, start)
    return size
  }

  #writeInteger (value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeUInt32LE(value, this.#length)
  }

  #writeNumber (value: number): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  #writeText (text: string): void {
    this.#reserve(4 + 3 * text.length)
    const size = this.#bytes.write(text, this.#length + 4)
    this.#length = this.#bytes.writeUInt32LE(size, this.#length) + size
  }

  #reserve (bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const longer = Buffer.allocUnsafe(2 * this.#bytes.length + bytes)
    longer.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = longer
  }
}

/** Receives the records of a log, in their order. It checks that indices fit, and throws a `FileProblem` if not. */
export interface LogVisitor {
  define (definition: FamilyDefinition): void
  begin (family: number, index: number, labels: readonly string[]): void
  end (family: number, index: number): void
}

/** Decodes a labels log part by part, and checks everything in it. */
export class LogDecoder {
  /** How many bytes of the log are decoded: all complete records up to there. */
  decoded = 0
  readonly #visitor: LogVisitor
  /** How many labels each family has. */
  readonly #labelCounts: number[] = []
  readonly #names = new Set<string>()

  constructor (visitor: LogVisitor) {
    this.#visitor = visitor
  }

  /**
   * Decodes the bytes that follow those already decoded, and pauses regularly. It leaves a record that is not
   * complete.
   * @throws FileProblem for a record that breaks a rule
   */
  * decode (bytes: Buffer): Generator<void> {
    let records = 0
    for (let at = 0; at + 4 <= bytes.length;) {
      const size = bytes.readUInt32LE(at)
      if (size > MAX_RECORD_BYTES) throw new FileProblem('too_large', `a record of ${size} bytes`)
      const end = at + 4 + size
      if (end > bytes.length) return
      this.#decodeRecord(new RecordReader(bytes, { at: at + 4, end }))
      this.decoded += end - at
      at = end
      if (++records % RECORDS_PER_PAUSE === 0) yield
    }
  }

  #decodeRecord (reader: RecordReader): void {
    const kind = reader.byte()
    if (kind === BEGIN) {
      const [family, index] = [this.#family(reader), reader.integer()]
      const labels = reader.texts(this.#labelCounts[family]!) // of a family that is defined
      reader.finish()
      this.#visitor.begin(family, index, labels)
    } else if (kind === END) {
      const [family, index] = [this.#family(reader), reader.integer()]
      reader.finish()
      this.#visitor.end(family, index)
    } else if (kind === DEFINE) {
      this.#define(decodeDefinition(reader))
    } else {
      throw new FileProblem('malformed', `a record of the kind ${kind}`)
    }
  }

  #define (definition: FamilyDefinition): void {
    const { name, labelNames } = definition
    if (this.#names.has(name)) throw new FileProblem('malformed', `a second definition of '${name}'`)
    if (this.#names.size === MAX_FAMILIES) throw new FileProblem('too_large', `more than ${MAX_FAMILIES} metrics`)
    this.#names.add(name)
    this.#labelCounts.push(labelNames.length)
    this.#visitor.define(definition)
  }

  #family (reader: RecordReader): number {
    const family = reader.integer()
    if (family >= this.#labelCounts.length) throw new FileProblem('malformed', `no metric has the number ${family}`)
    return family
  }
}

function decodeDefinition (reader: RecordReader): FamilyDefinition {
  const type = TYPES[reader.integer()]
  const aggregator = AGGREGATORS[reader.integer()]
  if (type === undefined || aggregator === undefined) throw new FileProblem('malformed', 'an unknown type of metric')
  const maxSeries = reader.number()
  const unlimitedLabels = reader.count(MAX_LABELS)
  const since = reader.number()
  if (!(maxSeries >= 0) || Number.isNaN(since)) throw new FileProblem('malformed', 'a number is NaN or negative')
  const name = reader.text()
  if (!isMetricName(name)) throw new FileProblem('malformed', 'the name of a metric')
  const help = reader.text()
  const labelNames = reader.texts(reader.count(MAX_LABELS))
  if (!labelNames.every(isLabelName) || new Set(labelNames).size < labelNames.length) {
    throw new FileProblem('malformed', `the labels of '${name}'`)
  }
  const buckets = Array.from({ length: reader.count(MAX_BUCKETS) }, () => reader.number())
  const areAscending = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!))
  if (!areAscending || (type === 'histogram') !== (buckets.length > 0)) {
    throw new FileProblem('malformed', `the buckets of '${name}'`)
  }
  reader.finish()
  return { name, type, help, labelNames, buckets, aggregator, maxSeries, unlimitedLabels, since }
}
