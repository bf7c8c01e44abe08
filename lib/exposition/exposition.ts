import { defaultLabelsOf } from '../registry/default-labels.js'
import { pluginMetricOf } from '../registry/plugin-metric.js'
import type { NamedMetric, PluginMetric, ValuesMetric } from '../registry/plugin-metric.js'
import type { Family } from '../series/family.js'
import { Chunks } from './chunks.js'
import type { Sink } from './chunks.js'
import { Scheduler, SYSTEM_TIME } from './scheduler.js'
import type { TimeSource } from './scheduler.js'
import { collectingSteps } from './collecting-steps.js'
import { Collectors } from './collectors.js'
import type { CollectingPass } from './collectors.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import type { CollectedFamily } from './check-family.js'
import type { NameOwners } from './name-owners.js'
import { readDefaultLabels } from './sample-labels.js'
import { clash, readRegistry } from './read-registry.js'
import type { RegisteredMetric, ReadableRegistry } from './read-registry.js'
import type { UncheckedLabels } from '../series/label-value.js'

export type { ReadableRegistry }

/** What is collected for a scrape. */
interface Collecting extends CollectingPass {
  readonly present: readonly RegisteredMetric[]
  readonly wanted: readonly RegisteredMetric[]
}

/** What is exposed of a metric: what our own was made of, or what another one gave. */
type Exposed = PluginMetric | CollectedFamily

/** What an exposition is made with. */
export interface ExpositionOptions {
  readonly registry: ReadableRegistry
  /** Taken where the registry does not show its own. @default {} */
  readonly defaultLabels?: UncheckedLabels
  /** How long a metric is waited for, in milliseconds. */
  readonly collectTimeout: number
  /** Hears of every metric that is left out. */
  readonly onError: (metric: string, err: unknown) => void
  /** What slices are timed by. @default the process's clock */
  readonly time?: TimeSource
}

/** Reads a registry and writes what is in it, in slices between which the event loop serves others. */
export class Exposition {
  readonly #registry: ReadableRegistry
  readonly #defaultLabels: UncheckedLabels
  readonly #onError: (metric: string, err: unknown) => void
  readonly #collectors: Collectors
  readonly #time: TimeSource

  constructor ({ registry, defaultLabels = {}, collectTimeout, onError, time = SYSTEM_TIME }: ExpositionOptions) {
    this.#registry = registry
    this.#defaultLabels = defaultLabels
    this.#time = time
    this.#onError = onError
    this.#collectors = new Collectors(collectTimeout, onError)
  }

  /**
   * Writes the metrics of these names, or of all; a name is that of a metric or of one of its samples. What it gives is to be
   * called when the reader has all of it: series that expire were then shown.
   */
  async write (encoder: Encoder, names: readonly string[] | null, sink: Sink): Promise<() => void> {
    const began = performance.now()
    const scheduler = new Scheduler(this.#time)
    const chunks = new Chunks(sink, scheduler)
    const { metrics: present, owners } = readRegistry(this.#registry, this.#onError)
    const asked = names === null ? null : new Set(names)
    const wanted = asked === null ? present : present.filter(one => one.names.some(name => asked.has(name)))
    const defaultLabels = this.#readDefaultLabels()
    const families = await this.#collect({ present, wanted, scheduler, defaultLabels, signal: sink.signal })
    this.#dropClashing(wanted, families, owners)
    const exposed = wanted.flatMap(({ metric }) => pluginMetricOf(metric) ?? families.get(metric) ?? [])
    const context: EncodingContext = { writer: chunks.writer, taken: owners, defaultLabels }
    await runEncoding(encodeAll(encoder, context, exposed), { chunks, scheduler, signal: sink.signal })
    return () => { for (const family of exposed) if (isStored(family)) family.shown(began) }
  }

  #readDefaultLabels (): UncheckedLabels {
    const onError = (err: unknown): void => { this.#onError('default labels', err) }
    try {
      return readDefaultLabels(defaultLabelsOf(this.#registry) ?? this.#defaultLabels, onError)
    } catch (err) {
      onError(err)
      return {}
    }
  }

  /** What the metrics give that are not of our own; ours are read where they lie. */
  async #collect ({ present, wanted, ...pass }: Collecting): Promise<Map<NamedMetric, CollectedFamily | null>> {
    const isForeign = ({ metric }: RegisteredMetric): boolean => pluginMetricOf(metric) === undefined
    const collected = new Map<NamedMetric, CollectedFamily | null>()
    for (const step of collectingSteps(present.filter(isForeign), wanted.filter(isForeign))) {
      const families = await this.#collectors.collect(step, pass)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  /** Drops families whose samples have a name of another metric: one may give another type than the registry shows. */
  #dropClashing (wanted: readonly RegisteredMetric[], families: Map<NamedMetric, CollectedFamily | null>, owners: NameOwners): void {
    for (const one of wanted) {
      const family = families.get(one.metric)
      if (!family || owners.claim(one, one.name, family.type)) continue
      this.#onError(one.name, clash(one.name))
      families.delete(one.metric)
    }
  }
}

function isStored (exposed: Exposed): exposed is Family {
  return 'table' in exposed
}

function * encodeAll (encoder: Encoder, context: EncodingContext, exposed: readonly Exposed[]): Encoding {
  for (const one of exposed) {
    yield * encodeFamily(encoder, context, one)
    yield
  }
  encoder.end(context)
}

function * encodeFamily (encoder: Encoder, context: EncodingContext, exposed: Exposed): Encoding {
  if (!isStored(exposed)) {
    yield * encoder.sampled(sampledOf(exposed), context)
    return
  }
  yield * exposed.expiring()
  if (exposed.type === 'counter') yield * encoder.counter(exposed, context)
  else if (exposed.type === 'gauge') yield * encoder.gauge(exposed, context)
  else yield * encoder.histogram(exposed, context)
}

function sampledOf (exposed: ValuesMetric | CollectedFamily): SampledFamily {
  const { name, help, type } = exposed
  return 'rows' in exposed
    ? { name, help, type, rows: exposed.rows, takesDefaults: false }
    : { name, help, type, rows: exposed.values(), takesDefaults: true }
}

/** Where an encoding goes, and how long its slices are. */
interface EncodingRun {
  readonly chunks: Chunks
  readonly scheduler: Scheduler
  readonly signal: AbortSignal
}

/** Runs an encoding to its end, in slices, and hands on what it has written. */
async function runEncoding (encoding: Encoding, { chunks, scheduler, signal }: EncodingRun): Promise<void> {
  while (encoding.next().done !== true) {
    const { isFull } = chunks
    if (isFull) await chunks.flush()
    // On a free event loop each chunk ends a slice.
    if (!scheduler.isOver && (!isFull || scheduler.isBusy)) continue
    await scheduler.next()
    signal.throwIfAborted()
  }
  await chunks.finish()
}
