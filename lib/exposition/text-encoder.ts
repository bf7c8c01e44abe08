import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { MAX_COUNT } from './byte-writer.js'
import type { ByteWriter } from './byte-writer.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import { toBytes, labelsOf } from './family-labels.js'
import type { Prefix } from './family-labels.js'
import { formatNumber } from './format.js'
import type { Format } from './format.js'
import { openMetrics } from './openmetrics.js'
import { writeRows } from './rows.js'
import { prometheusText } from './prometheus-text.js'

/** Series of one number written between two pauses, some 20 µs of work. */
const NUMBERS_PER_PAUSE = 128
/** Histograms written between two pauses, some 15 µs of work. */
const HISTOGRAMS_PER_PAUSE = 16

/** The bytes that the longest number in decimal takes, with a space before and a newline behind it. */
const MAX_NUMBER_BYTES = 28

const CLOSE = toBytes('} ')
const SPACE = toBytes(' ')

/** What is the same for all series of a histogram. */
interface EncodedHistogram {
  /** From behind the labels to the value, by bucket. */
  readonly bounds: readonly Uint8Array[]
  readonly longestBound: number
  readonly sum: Uint8Array
  readonly count: Uint8Array
}

/** Writes one of the text formats. */
export class TextFormatEncoder implements Encoder {
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
      // None that came since: it may have been here already, at another place.
      if (!pages.has(index, latestGeneration)) continue
      writeHistogram(writer, { family, index, encoded, prefix: labels.prefixOf(index) })
    }
  }

  * encodeSampled (family: SampledFamily, { writer, usedNames, defaultLabels }: EncodingContext): Encoding {
    writer.writeText(this.#format.head(family, usedNames))
    const format = this.#format.mayHaveExemplars(family, usedNames) ? this.#format : { ...this.#format, exemplar: () => '' }
    yield * writeRows(writer, { format, family, rows: family.rows, defaultLabels: family.needsDefaultLabels ? defaultLabels : {} })
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
      if (!pages.has(index, latestGeneration)) continue // as above
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
    const encoded = { bounds, longestBound, sum: toBytes(`${family.name}_sum{`), count: toBytes(`${family.name}_count{`) }
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
    writer.writeBytes(bounds[k]!) // below its length
    cumulative += numbers[offset + 1 + k]! // within the page
    writeNumber(writer, cumulative)
  }
  writer.writeBlock(encoded.sum)
  writer.writeBlock(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, numbers[offset]!) // likewise
  writer.writeBlock(encoded.count)
  writer.writeBlock(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, cumulative)
}

/** Closes the labels that were just written: the comma behind the last is for one more, and braces without any are left out. */
function closeLabels (writer: ByteWriter, { labels }: Prefix): void {
  writer.removeLast()
  writer.writeBytes(labels.length > 0 ? CLOSE : SPACE)
}

/** As an integer where it is one of V8's small ones: it allocates 16 B for every other number that it hands on. */
function writeNumber (writer: ByteWriter, value: number): void {
  if (value >= 0 && value <= MAX_COUNT && value === Math.floor(value)) writer.writeCount(value | 0)
  else writer.writeAscii(formatNumber(value))
  writer.writeNewline()
}
