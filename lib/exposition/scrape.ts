import { defaultLabelsOf, namesOf, ownMetric } from '../registry.js'
import type { CounterSource, HistogramSource, NamedMetric, SeriesSource } from '../registry.js'
import type { MetricsRegistry } from '../types.js'
import { ByteWriter } from './byte-writer.js'
import { askSharedNow, collectingSteps } from './collecting-steps.js'
import { Collectors } from './collectors.js'
import type { NamedCollector } from './collectors.js'
import { CounterRenderer } from './counter.js'
import { checkDefaultLabels } from './family.js'
import type { Family } from './family.js'
import type { Format } from './format.js'
import { HistogramRenderer } from './histogram.js'
import { writeRows } from './rows.js'
import type { GivenLabels } from './rows.js'
import type { SeriesRenderer } from './series-renderer.js'
import { Slice } from './slice.js'

/** Where an exposition goes. */
export interface Sink {
  /** Aborted when nobody wants more: what is under way then ends at once. */
  readonly signal: AbortSignal
  /** Takes a chunk, and resolves when it may be written over; rejects when nobody wants more. */
  write (chunk: Uint8Array): Promise<void>
}

/** What an exposition needs of a registry. */
export type ReadableRegistry = Pick<MetricsRegistry, 'getMetricsAsArray' | 'getSingleMetric'>

/** A metric under the name that the registry has it by. */
interface Named extends NamedCollector {
  readonly metric: NamedMetric
}

/** What a rendering goes by from its first metric to its last. */
interface Context {
  readonly writer: ByteWriter
  readonly format: Format
  /** Every name of a sample of the registry. */
  readonly taken: ReadonlySet<string>
  readonly defaultLabels: GivenLabels
}

/** Bytes of a chunk, about; what the socket and gzip take at once. */
const CHUNK = 64 * 1024

/** Reads a registry and writes what is in it, in slices between which the event loop serves others. */
export class Exposition {
  readonly #registry: ReadableRegistry
  readonly #defaultLabels: GivenLabels
  readonly #onError: (metric: string, err: unknown) => void
  readonly #collectors: Collectors
  readonly #renderers = new WeakMap<SeriesSource, SeriesRenderer>()

  /**
   * `defaultLabels` are taken where the registry does not show its own, `collectTimeout` is in milliseconds, and
   * `onError` hears of every metric that is left out.
   */
  constructor (registry: ReadableRegistry, defaultLabels: GivenLabels, collectTimeout: number, onError: (metric: string, err: unknown) => void) {
    this.#registry = registry
    this.#defaultLabels = defaultLabels
    this.#onError = onError
    this.#collectors = new Collectors(collectTimeout, onError)
  }

  /** Writes the metrics of these names, or of all; a name is that of a metric or of one of its samples. */
  async write (format: Format, names: readonly string[] | null, sink: Sink): Promise<void> {
    const present = this.#present()
    const wanted = names === null ? present : present.filter(({ name, metric }) => namesOf(name, metric.type).some(one => names.includes(one)))
    const context: Context = {
      writer: new ByteWriter(2 * CHUNK),
      format,
      taken: new Set(present.flatMap(({ name, metric }) => namesOf(name, metric.type))),
      defaultLabels: this.#readDefaultLabels()
    }
    await drive(this.#render(context, wanted, await this.#collect(present, wanted, sink.signal)), context.writer, sink)
  }

  #readDefaultLabels (): GivenLabels {
    try {
      return checkDefaultLabels(defaultLabelsOf(this.#registry) ?? this.#defaultLabels)
    } catch (err) {
      this.#onError('default labels', err)
      return {}
    }
  }

  #present (): Named[] {
    return (this.#registry.getMetricsAsArray() as readonly NamedMetric[]).map(metric => {
      const full = `${metric.name}_total`
      // For OpenMetrics prom-client cuts `_total` off the name of a counter for good; the registry still has it by that.
      const isCut = metric.type === 'counter' && this.#registry.getSingleMetric(full) === metric
      return { name: isCut ? full : metric.name, metric }
    })
  }

  /** What the metrics give that are not of our own; ours are read where they lie. */
  async #collect (
    present: readonly Named[], wanted: readonly Named[], signal: AbortSignal
  ): Promise<ReadonlyMap<NamedMetric, Family | null>> {
    const isForeign = ({ metric }: Named): boolean => ownMetric(metric) === undefined
    const collected = new Map<NamedMetric, Family | null>()
    for (const step of collectingSteps(present.filter(isForeign), wanted.filter(isForeign))) {
      const families = await this.#collectors.collect(askSharedNow(step), signal)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  * #render (context: Context, wanted: readonly Named[], families: ReadonlyMap<NamedMetric, Family | null>): Generator<void> {
    const { writer, format, taken, defaultLabels } = context
    for (const { metric } of wanted) {
      const source = ownMetric(metric) ?? families.get(metric)
      if (!source) continue // it failed
      writer.text(format.head(source, taken))
      if ('rows' in source) yield * writeRows(writer, format, source, source.rows, defaultLabels)
      else if (source.source === undefined) yield * writeRows(writer, format, source, source.values(), defaultLabels)
      else yield * this.#rendererOf(source.source, defaultLabels).write(writer, format)
      yield
    }
    writer.text(format.end)
  }

  #rendererOf (source: CounterSource | HistogramSource, defaultLabels: GivenLabels): SeriesRenderer {
    const renderer = this.#renderers.get(source)
    if (renderer?.fits(defaultLabels) === true) return renderer
    const made = 'pages' in source ? new HistogramRenderer(source, defaultLabels) : new CounterRenderer(source, defaultLabels)
    this.#renderers.set(source, made)
    return made
  }
}

/** Runs a rendering to its end, in slices, and hands on what it has written. */
async function drive (rendering: Generator<void>, writer: ByteWriter, sink: Sink): Promise<void> {
  const slice = new Slice()
  while (rendering.next().done !== true) {
    if (writer.length < CHUNK && !slice.isOver) continue
    if (writer.length >= CHUNK) await flush(writer, sink)
    await slice.next()
    sink.signal.throwIfAborted()
  }
  if (writer.length > 0) await flush(writer, sink)
}

async function flush (writer: ByteWriter, sink: Sink): Promise<void> {
  await sink.write(writer.written)
  writer.clear()
}
