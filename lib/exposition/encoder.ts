import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import type { UncheckedLabels } from '../series/label-value.js'
import type { ByteWriter } from './byte-writer.js'
import type { FamilyHead, Row } from './format.js'

/** Where and how one exposition is written. */
export interface EncodingContext {
  readonly writer: ByteWriter
  /** The names of all metrics and samples of the registry, requested or not. */
  readonly usedNames: Pick<ReadonlySet<string>, 'has'>
  /** Added to each sample of a plugin metric that does not have a label of that name. */
  readonly defaultLabels: UncheckedLabels
}

/** Writes, and pauses now and then: its caller can then yield to the event loop. */
export type Encoding = Generator<void>

/** A family whose samples are not in the store, such as an external metric. */
export interface SampledFamily extends FamilyHead {
  /** An `undefined` among them is a point to pause at. */
  readonly rows: Iterable<Row | undefined>
  /** Whether to add the default labels to the samples; otherwise the samples have them already. */
  readonly needsDefaultLabels: boolean
}

/**
 * A format of exposition. Each method writes one family. It pauses between series, never within one, so all samples of
 * one series are of the same moment.
 */
export interface Encoder {
  readonly contentType: string
  encodeCounter (family: CounterFamily, context: EncodingContext): Encoding
  encodeGauge (family: GaugeFamily, context: EncodingContext): Encoding
  encodeHistogram (family: HistogramFamily, context: EncodingContext): Encoding
  encodeSampled (family: SampledFamily, context: EncodingContext): Encoding
  /** Writes the end of the exposition, after the last family. */
  encodeEnd (context: EncodingContext): void
}
