import { defaultLabelsOf, ownMetric } from '../registry/registry.js'
import type { CounterSource, HistogramSource, NamedMetric, SeriesSource } from '../registry/registry.js'
import { collectingSteps } from './collecting-steps.js'
import type { ByteWriter } from './byte-writer.js'
import { Chunks } from './chunks.js'
import type { Sink } from './chunks.js'
import { Clock, REAL } from './clock.js'
import type { Time } from './clock.js'
import { Collectors } from './collectors.js'
import type { CollectingPass } from './collectors.js'
import { CounterRenderer } from './counter.js'
import type { Family } from './family.js'
import type { Format } from './format.js'
import { HistogramRenderer } from './histogram.js'
import type { NameOwners } from './name-owners.js'
import { readDefaultLabels } from './read-labels.js'
import { clash, readRegistry } from './read-registry.js'
import type { Named, ReadableRegistry } from './read-registry.js'
import { writeRows } from './rows.js'
import type { GivenLabels } from './rows.js'
import type { SeriesRenderer } from './series-renderer.js'

export type { ReadableRegistry }

/** What a rendering goes by from its first metric to its last. */
interface Context {
  readonly writer: ByteWriter
  readonly format: Format
  /** The names of all metrics of the registry, also of those that are not asked for. */
  readonly taken: NameOwners
  readonly defaultLabels: GivenLabels
}

/** What is collected for a scrape. */
interface Collecting extends CollectingPass {
  readonly present: readonly Named[]
  readonly wanted: readonly Named[]
}

const NO_EXEMPLAR: Format['exemplar'] = () => ''

/** Reads a registry and writes what is in it, in slices between which the event loop serves others. */
export class Exposition {
  readonly #registry: ReadableRegistry
  readonly #defaultLabels: GivenLabels
  readonly #onError: (metric: string, err: unknown) => void
  readonly #collectors: Collectors
  readonly #time: Time
  readonly #renderers = new WeakMap<SeriesSource, SeriesRenderer>()

  /**
   * `defaultLabels` are taken where the registry does not show its own, `collectTimeout` is in milliseconds, and
   * `onError` hears of every metric that is left out. `time` is what slices are timed by.
   */
  constructor (registry: ReadableRegistry, defaultLabels: GivenLabels, collectTimeout: number, onError: (metric: string, err: unknown) => void, time: Time = REAL) {
    this.#registry = registry
    this.#defaultLabels = defaultLabels
    this.#time = time
    this.#onError = onError
    this.#collectors = new Collectors(collectTimeout, onError)
  }

  /** Writes the metrics of these names, or of all; a name is that of a metric or of one of its samples. */
  async write (format: Format, names: readonly string[] | null, sink: Sink): Promise<void> {
    const clock = new Clock(this.#time)
    const chunks = new Chunks(sink, clock)
    const { metrics: present, owners } = readRegistry(this.#registry, this.#onError)
    const asked = names === null ? null : new Set(names)
    const wanted = asked === null ? present : present.filter(one => one.names.some(name => asked.has(name)))
    const defaultLabels = this.#readDefaultLabels()
    const families = await this.#collect({ present, wanted, clock, defaultLabels, signal: sink.signal })
    this.#dropClashing(wanted, families, owners)
    const context: Context = { writer: chunks.writer, format, taken: owners, defaultLabels }
    await drive(this.#render(context, wanted, families), chunks, clock, sink.signal)
  }

  #readDefaultLabels (): GivenLabels {
    const onError = (err: unknown): void => { this.#onError('default labels', err) }
    try {
      return readDefaultLabels(defaultLabelsOf(this.#registry) ?? this.#defaultLabels, onError)
    } catch (err) {
      onError(err)
      return {}
    }
  }

  /** What the metrics give that are not of our own; ours are read where they lie. */
  async #collect ({ present, wanted, ...pass }: Collecting): Promise<Map<NamedMetric, Family | null>> {
    const isForeign = ({ metric }: Named): boolean => ownMetric(metric) === undefined
    const collected = new Map<NamedMetric, Family | null>()
    for (const step of collectingSteps(present.filter(isForeign), wanted.filter(isForeign))) {
      const families = await this.#collectors.collect(step, pass)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  /** Drops families whose samples have a name of another metric: one may give another type than the registry shows. */
  #dropClashing (wanted: readonly Named[], families: Map<NamedMetric, Family | null>, owners: NameOwners): void {
    for (const one of wanted) {
      const family = families.get(one.metric)
      if (!family || owners.take(one, one.name, family.type)) continue
      this.#onError(one.name, clash(one.name))
      families.delete(one.metric)
    }
  }

  * #render (context: Context, wanted: readonly Named[], families: ReadonlyMap<NamedMetric, Family | null>): Generator<void> {
    const { writer, format, taken, defaultLabels } = context
    for (const { metric } of wanted) {
      const source = ownMetric(metric) ?? families.get(metric)
      if (!source) continue // it failed
      writer.text(format.head(source, taken))
      const rowFormat = format.mayHaveExemplars(source, taken) ? format : { ...format, exemplar: NO_EXEMPLAR }
      if ('rows' in source) yield * writeRows(writer, rowFormat, source, source.rows, {})
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
async function drive (rendering: Generator<void>, chunks: Chunks, clock: Clock, signal: AbortSignal): Promise<void> {
  while (rendering.next().done !== true) {
    const { isFull } = chunks
    if (isFull) await chunks.handOn()
    // On a free event loop each chunk ends a slice.
    if (!clock.isOver && (!isFull || clock.isBusy)) continue
    await clock.next()
    signal.throwIfAborted()
  }
  await chunks.finish()
}
