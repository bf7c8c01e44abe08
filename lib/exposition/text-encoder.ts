import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { MAX_SMALL } from './byte-writer.js'
import type { ByteWriter } from './byte-writer.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import { toBytes, labelsOf } from './family-labels.js'
import type { Prefix } from './family-labels.js'
import { formatNumber } from './format.js'
import type { Format } from './format.js'
import { openMetrics } from './openmetrics.js'
import { writeRows } from './rows.js'
import { text } from './prometheus-text.js'

/** Series of one number written between two pauses, some 20 µs of work. */
const NUMBERS_PER_PAUSE = 128
/** Histograms written between two pauses, some 15 µs of work. */
const HISTOGRAMS_PER_PAUSE = 16

/** The bytes that the longest number in decimal takes, with a space before and a newline behind it. */
const NUMBER = 28

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

  * counter (family: CounterFamily, context: EncodingContext): Encoding {
    yield * this.#numbers(family, context)
  }

  * gauge (family: GaugeFamily, context: EncodingContext): Encoding {
    yield * this.#numbers(family, context)
  }

  * histogram (family: HistogramFamily, context: EncodingContext): Encoding {
    const { writer, taken } = context
    writer.text(this.#format.head(family, taken))
    const labels = labelsOf(family, context.defaultLabels)
    const encoded = this.#encodedOf(family)
    const { pages } = family.table
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (index % HISTOGRAMS_PER_PAUSE === HISTOGRAMS_PER_PAUSE - 1) yield
      // None that came since: it may have been here already, at another place.
      if (!pages.has(index, latestGeneration)) continue
      writeHistogram(writer, { family, index, encoded, prefix: labels.prefixOf(index) })
    }
  }

  * sampled (family: SampledFamily, { writer, taken, defaultLabels }: EncodingContext): Encoding {
    writer.text(this.#format.head(family, taken))
    const format = this.#format.mayHaveExemplars(family, taken) ? this.#format : { ...this.#format, exemplar: () => '' }
    yield * writeRows(writer, { format, family, rows: family.rows, defaultLabels: family.takesDefaults ? defaultLabels : {} })
  }

  end ({ writer }: EncodingContext): void {
    writer.text(this.#format.end)
  }

  * #numbers (family: CounterFamily | GaugeFamily, context: EncodingContext): Encoding {
    const { writer, taken } = context
    writer.text(this.#format.head(family, taken))
    const labels = labelsOf(family, context.defaultLabels)
    const { pages } = family.table
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (index % NUMBERS_PER_PAUSE === NUMBERS_PER_PAUSE - 1) yield
      if (!pages.has(index, latestGeneration)) continue // as above
      const prefix = labels.prefixOf(index)
      writer.reserve(prefix.integer.length + NUMBER)
      writer.block(prefix.integer)
      closeLabels(writer, prefix)
      writeNumber(writer, family.valueAt(index))
    }
  }

  #encodedOf (family: HistogramFamily): EncodedHistogram {
    const known = this.#histograms.get(family)
    if (known !== undefined) return known
    const bounds = [...family.bounds, Infinity].map(bound => toBytes(`le="${this.#format.bound(bound)}"} `))
    const longestBound = Math.max(...bounds.map(bound => bound.length))
    const encoded = { bounds, longestBound, sum: toBytes(`${family.name}_sum{`), count: toBytes(`${family.name}_count{`) }
    this.#histograms.set(family, encoded)
    return encoded
  }
}

/** Prometheus text 0.0.4. */
export const textEncoder: Encoder = new TextFormatEncoder(text)

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
  writer.reserve((bounds.length + 2) * (prefix.integer.length + encoded.longestBound + NUMBER))

  let cumulative = 0
  for (let k = 0; k < bounds.length; k++) {
    writer.block(prefix.integer)
    writer.bytes(bounds[k]!) // below its length
    cumulative += numbers[offset + 1 + k]! // within the page
    writeNumber(writer, cumulative)
  }
  writer.block(encoded.sum)
  writer.block(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, numbers[offset]!) // likewise
  writer.block(encoded.count)
  writer.block(prefix.labels)
  closeLabels(writer, prefix)
  writeNumber(writer, cumulative)
}

/** Closes the labels that were just written: the comma behind the last is for one more, and braces without any are left out. */
function closeLabels (writer: ByteWriter, { labels }: Prefix): void {
  writer.removeLast()
  writer.bytes(labels.length > 0 ? CLOSE : SPACE)
}

/** As an integer where it is one of V8's small ones: it allocates 16 B for every other number that it hands on. */
function writeNumber (writer: ByteWriter, value: number): void {
  if (value >= 0 && value <= MAX_SMALL && value === Math.floor(value)) writer.count(value | 0)
  else writer.ascii(formatNumber(value))
  writer.newline()
}
