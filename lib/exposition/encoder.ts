import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import type { ByteWriter } from './byte-writer.js'
import type { FamilyHead, Row } from './format.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** What one exposition is written into, and by. */
export interface EncodingContext {
  readonly writer: ByteWriter
  /** The names of all metrics and samples of the registry, also of those that are not asked for. */
  readonly usedNames: Pick<ReadonlySet<string>, 'has'>
  /** Put on every sample of our own that has no label of that name. */
  readonly defaultLabels: UncheckedLabels
}

/** Writing, which pauses now and then, so that whoever runs it can give the event loop back. */
export type Encoding = Generator<void>

/** A family whose samples are not in the store, such as a metric of another make. */
export interface SampledFamily extends FamilyHead {
  /** Where one is `undefined`, a reader can pause. */
  readonly rows: Iterable<Row | undefined>
  /** Whether the default labels are to be put on the samples; else they are there. */
  readonly needsDefaultLabels: boolean
}

/**
 * A format of exposition. Each method writes one family and pauses between series, never within one: what it says of one
 * series is of one moment.
 */
export interface Encoder {
  readonly contentType: string
  encodeCounter (family: CounterFamily, context: EncodingContext): Encoding
  encodeGauge (family: GaugeFamily, context: EncodingContext): Encoding
  encodeHistogram (family: HistogramFamily, context: EncodingContext): Encoding
  encodeSampled (family: SampledFamily, context: EncodingContext): Encoding
  /** Writes what follows the last family. */
  encodeEnd (context: EncodingContext): void
}
