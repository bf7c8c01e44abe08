import { isDeepStrictEqual } from 'node:util'
import type { HistogramSource } from '../registry.js'
import { MAX_SMALL } from './byte-writer.js'
import type { ByteWriter } from './byte-writer.js'
import type { Format } from './format.js'
import { formatLabels, withDefaults } from './rows.js'
import type { GivenLabels } from './rows.js'

/** What stands in every series of a histogram, as bytes. */
interface Pieces {
  readonly bucket: Uint8Array
  readonly sum: Uint8Array
  readonly count: Uint8Array
  /** From behind the labels to the value, by bucket. */
  readonly bounds: readonly Uint8Array[]
  /** The bytes that a line takes beside its labels, at most. */
  readonly line: number
}

/** Series written between two pauses, some 20 µs of work. */
const SERIES_PER_PAUSE = 16
/** The longest number in decimal, with a newline. */
const NUMBER = 26

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const CLOSE = encode('} ')

/**
 * Writes the series of a histogram of our own from where their numbers lie, without a string or an object for each. The
 * bytes of their labels are made once and kept.
 */
export class HistogramRenderer {
  readonly #source: HistogramSource
  readonly #defaultLabels: GivenLabels
  /** As `method="GET",path="/a",`, by the place of the series: series are only ever added. */
  readonly #labels: Uint8Array[] = []
  readonly #pieces = new Map<Format, Pieces>()
  readonly #prefixes = new Map<number, Uint8Array>()

  constructor (source: HistogramSource, defaultLabels: GivenLabels) {
    this.#source = source
    this.#defaultLabels = { ...defaultLabels }
  }

  /** Whether it was made for default labels that say the same. */
  fits (defaultLabels: GivenLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** Pauses between series, never within one: what it says of one series is of one moment. */
  * write (writer: ByteWriter, format: Format): Generator<void> {
    const pieces = this.#pieces.get(format) ?? this.#makePieces(format)
    for (let i = 0; i < this.#source.series.length; i++) {
      this.#writeSeries(writer, pieces, i)
      if (i % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
  }

  #writeSeries (writer: ByteWriter, pieces: Pieces, i: number): void {
    const { page, offset } = this.#source.series[i]! // below its length
    const labels = this.#labels[i] ??= this.#makeLabels(i)
    const buckets = pieces.bounds.length
    writer.reserve((buckets + 2) * (pieces.line + labels.length))

    const prefix = this.#prefix(pieces.bucket, labels)
    let cumulative = 0
    for (let k = 0; k < buckets; k++) {
      writer.block(prefix)
      writer.bytes(pieces.bounds[k]!) // below its length
      cumulative += page[offset + 1 + k]! // within the page
      writeCount(writer, cumulative)
      writer.newline()
    }
    this.#writeLabels(writer, pieces.sum, labels)
    writer.ascii(String(page[offset]))
    writer.newline()
    this.#writeLabels(writer, pieces.count, labels)
    writeCount(writer, cumulative)
    writer.newline()
  }

  // Put together for one series at a time: for each it would be a third of all memory that the series takes. A prefix
  // per length, since copying an array whole needs no object, which a part of one does.
  #prefix (bucket: Uint8Array, labels: Uint8Array): Uint8Array {
    let prefix = this.#prefixes.get(labels.length)
    if (prefix === undefined) {
      prefix = new Uint8Array(bucket.length + labels.length)
      prefix.set(bucket)
      this.#prefixes.set(labels.length, prefix)
    }
    prefix.set(labels, bucket.length)
    return prefix
  }

  #writeLabels (writer: ByteWriter, name: Uint8Array, labels: Uint8Array): void {
    writer.block(name)
    writer.block(labels)
    // The comma behind the last label is for a bound.
    if (labels.length > 0) writer.takeBack()
    writer.bytes(CLOSE)
  }

  #makeLabels (i: number): Uint8Array {
    const labels = formatLabels(withDefaults(this.#source.series[i]?.labels, this.#defaultLabels))
    return encode(labels === '' ? '' : `${labels},`)
  }

  #makePieces (format: Format): Pieces {
    const { name, bounds } = this.#source
    const shown = [...bounds, Infinity].map(bound => encode(`le="${format.bound(bound)}"} `))
    const pieces = {
      bucket: encode(`${name}_bucket{`),
      sum: encode(`${name}_sum{`),
      count: encode(`${name}_count{`),
      bounds: shown,
      line: name.length + '_bucket{'.length + Math.max(...shown.map(bytes => bytes.length)) + NUMBER
    }
    this.#pieces.set(format, pieces)
    return pieces
  }
}

// As an integer where it is one of V8's small ones: it allocates 16 B for every other number that it hands on.
function writeCount (writer: ByteWriter, count: number): void {
  if (count <= MAX_SMALL) writer.count(count | 0)
  else writer.ascii(String(count))
}
