import type { CounterSource } from '../registry/registry.js'
import type { ByteWriter } from './byte-writer.js'
import type { GivenLabels } from './rows.js'
import { NUMBER, SeriesRenderer } from './series-renderer.js'

/** Series written between two pauses, some 20 µs of work. */
const SERIES_PER_PAUSE = 128

/** Writes the series of a counter of our own. */
export class CounterRenderer extends SeriesRenderer<CounterSource> {
  constructor (source: CounterSource, defaultLabels: GivenLabels) {
    super(source, defaultLabels, `${source.name}{`)
  }

  * write (writer: ByteWriter): Generator<void> {
    for (let i = 0; i < this.source.series.length; i++) {
      const prefix = this.prefixOf(i)
      writer.reserve(prefix.whole.length + NUMBER)
      writer.block(prefix.whole)
      this.closeLabels(writer, prefix)
      this.writeCount(writer, this.source.series[i]!.count) // below its length
      if (i % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
  }
}
