import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { MAX_COUNT } from './byte-writer.js'
import type { ByteWriter } from './byte-writer.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import { labelsOf, toBytes } from './family-labels.js'
import type { Prefix } from './family-labels.js'
import { formatNumber } from './format.js'
import type { Format } from './format.js'
import { openMetrics } from './openmetrics.js'
import { prometheusText } from './prometheus-text.js'
import { writeRows } from './rows.js'

/** Counters or gauges written between two pauses: about 20 µs of work. */
const NUMBERS_PER_PAUSE = 128
/** Histograms written between two pauses: about 15 µs of work. */
const HISTOGRAMS_PER_PAUSE = 16

/** The size of the longest decimal number, with a space before and a newline after it, in bytes. */
const MAX_NUMBER_BYTES = 28

const CLOSE = toBytes('} ')
const SPACE = toBytes(' ')

/** The parts that are the same for all series of a histogram. */
interface EncodedHistogram {
  /** The bytes between the other labels and the value, by bucket. */
  readonly bounds: readonly Uint8Array[]
  readonly longestBound: number
  /** The name of the sum, or of the count, with the opening brace. */
  readonly sum: Uint8Array
  readonly count: Uint8Array
}

/** Encodes families in one of the text formats. */
class TextFormatEncoder implements Encoder {
  readonly contentType: string
  readonly #format: Format
  readonly #histograms = new WeakMap<HistogramFamily, EncodedHistogram>()

  constructor (format: Format) {
    this.contentType = format.contentType
    this.#format = format
  }

  * encodeCounter (family: CounterFamily, context: EncodingContext): Encoding {
    yield * this.#writeNumbers(family, context)
  }

  * encodeGauge (family: GaugeFamily, context: EncodingContext): Encoding {
    yield * this.#writeNumbers(family, context)
  }

  * encodeHistogram (family: HistogramFamily, context: EncodingContext): Encoding {
    const { writer, usedNames } = context
    writer.writeText(this.#format.head(family, usedNames))
    const labels = labelsOf(family, context.defaultLabels)
    const encoded = this.#encodedHistogramOf(family)
    const { pages } = family.table
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (index % HISTOGRAMS_PER_PAUSE === HISTOGRAMS_PER_PAUSE - 1) yield
      // Skips a series that was added during this exposition. If it was removed and added again, it would be written
      // twice.
      if (!pages.has(index, latestGeneration)) continue
      writeHistogram(writer, { family, index, encoded, prefix: labels.prefixOf(index) })
    }
  }

  * encodeSampled (family: SampledFamily, { writer, usedNames, defaultLabels }: EncodingContext): Encoding {
    writer.writeText(this.#format.head(family, usedNames))
    const hasExemplars = this.#format.mayHaveExemplars(family, usedNames)
    const format = hasExemplars ? this.#format : { ...this.#format, exemplar: () => '' }
    const addedLabels = family.needsDefaultLabels ? defaultLabels : {}
    yield * writeRows(writer, { format, family, rows: family.rows, defaultLabels: addedLabels })
  }

  encodeEnd ({ writer }: EncodingContext): void {
    writer.writeText(this.#format.end)
  }

  * #writeNumbers (family: CounterFamily | GaugeFamily, context: EncodingContext): Encoding {
    const { writer, usedNames } = context
    writer.writeText(this.#format.head(family, usedNames))
    const labels = labelsOf(family, context.defaultLabels)
    const { pages } = family.table
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (index % NUMBERS_PER_PAUSE === NUMBERS_PER_PAUSE - 1) yield
      if (!pages.has(index, latestGeneration)) continue // as in `encodeHistogram`
      const prefix = labels.prefixOf(index)
      writer.reserve(prefix.full.length + MAX_NUMBER_BYTES)
      writer.writeBlock(prefix.full)
      closeLabels(writer, prefix)
      writeNumber(writer, family.valueAt(index))
    }
  }

  #encodedHistogramOf (family: HistogramFamily): EncodedHistogram {
    const cached = this.#histograms.get(family)
    if (cached !== undefined) return cached
    const bounds = [...family.bounds, Infinity].map(bound => toBytes(`le="${this.#format.bound(bound)}"} `))
    const longestBound = Math.max(...bounds.map(bound => bound.length))
    const sum = toBytes(`${family.name}_sum{`)
    const count = toBytes(`${family.name}_count{`)
    const encoded = { bounds, longestBound, sum, count }
    this.#histograms.set(family, encoded)
    return encoded
  }
}

/** Prometheus text 0.0.4. */
export const textEncoder: Encoder = new TextFormatEncoder(prometheusText)

/** OpenMetrics 1.0. */
export const openMetricsEncoder: Encoder = new TextFormatEncoder(openMetrics)

/** One series of a histogram. */
interface HistogramSeries {
  readonly family: HistogramFamily
  readonly index: number
  readonly encoded: EncodedHistogram
  readonly prefix: Prefix
}

function writeHistogram (writer: ByteWriter, { family, index, encoded, prefix }: HistogramSeries): void {
  const { pages } = family.table
  const { numbers } = pages.pageOf(index)
  const offset = (index & pages.mask) * pages.width
  const { bounds } = encoded
  writer.reserve((bounds.length + 2) * (prefix.full.length + encoded.longestBound + MAX_NUMBER_BYTES))

  let cumulative = 0
  for (let k = 0; k < bounds.length; k++) {
    writer.writeBlock(prefix.full)
    writer.writeBytes(bounds[k]!) // k is below the length
    cumulative += numbers[offset + 1 + k]! // within the page
    writeNumber(writer, cumulative)
  }
  writer.writeBlock(encoded.sum)
  writer.writeBlock(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, numbers[offset]!) // within the page
  writer.writeBlock(encoded.count)
  writer.writeBlock(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, cumulative)
}

/** Closes the labels that were just written: replaces the last comma, or the opening brace if there are no labels. */
function closeLabels (writer: ByteWriter, { labels }: Prefix): void {
  writer.removeLast()
  writer.writeBytes(labels.length > 0 ? CLOSE : SPACE)
}

/** Passes an integer if possible: V8 allocates 16 B for each number that it passes to a function, except for a Smi. */
function writeNumber (writer: ByteWriter, value: number): void {
  if (value >= 0 && value <= MAX_COUNT && value === Math.floor(value)) writer.writeCount(value | 0)
  else writer.writeAscii(formatNumber(value))
  writer.writeNewline()
}
