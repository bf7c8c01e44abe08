import type { HistogramSource } from '../registry/registry.js'
import type { ByteWriter } from './byte-writer.js'
import type { Format } from './format.js'
import type { GivenLabels } from './rows.js'
import { encode, NUMBER, SeriesRenderer } from './series-renderer.js'

/** Series written between two pauses, some 15 µs of work. */
const SERIES_PER_PAUSE = 16

/** Writes the series of a histogram of our own from where their numbers lie. */
export class HistogramRenderer extends SeriesRenderer<HistogramSource> {
  readonly #sum: Uint8Array
  readonly #count: Uint8Array
  /** From behind the labels to the value, by bucket. */
  readonly #bounds = new Map<Format, readonly Uint8Array[]>()

  constructor (source: HistogramSource, defaultLabels: GivenLabels) {
    super(source, defaultLabels, `${source.name}_bucket{`)
    this.#sum = encode(`${source.name}_sum{`)
    this.#count = encode(`${source.name}_count{`)
  }

  * write (writer: ByteWriter, format: Format): Generator<void> {
    const bounds = this.#boundsOf(format)
    const longest = Math.max(...bounds.map(bound => bound.length)) + NUMBER
    for (let i = 0; i < this.source.series.length; i++) {
      this.#writeSeries(writer, bounds, longest, i)
      if (i % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
  }

  #writeSeries (writer: ByteWriter, bounds: readonly Uint8Array[], longest: number, i: number): void {
    const { pages, seriesPerPage } = this.source
    const buckets = bounds.length
    // By the place of the series, and not from its object: that would be one more miss of the processor's caches.
    const page = pages[Math.floor(i / seriesPerPage)]! // below its length
    const offset = (i % seriesPerPage) * (buckets + 1)
    const prefix = this.prefixOf(i)
    writer.reserve((buckets + 2) * (prefix.whole.length + longest))

    let cumulative = 0
    for (let k = 0; k < buckets; k++) {
      writer.block(prefix.whole)
      writer.bytes(bounds[k]!) // below its length
      cumulative += page[offset + 1 + k]! // within the page
      this.writeCount(writer, cumulative)
    }
    writer.block(this.#sum)
    writer.block(prefix.labels)
    this.closeLabels(writer, prefix)
    writer.ascii(String(page[offset]))
    writer.newline()
    writer.block(this.#count)
    writer.block(prefix.labels)
    this.closeLabels(writer, prefix)
    this.writeCount(writer, cumulative)
  }

  #boundsOf (format: Format): readonly Uint8Array[] {
    const bounds = this.#bounds.get(format) ?? [...this.source.bounds, Infinity].map(bound => encode(`le="${format.bound(bound)}"} `))
    this.#bounds.set(format, bounds)
    return bounds
  }
}
