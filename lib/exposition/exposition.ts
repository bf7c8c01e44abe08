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
import { clashError, readRegistry } from './read-registry.js'
import type { RegisteredMetric, ReadableRegistry } from './read-registry.js'
import type { UncheckedLabels } from '../series/label-value.js'

export type { ReadableRegistry }

/** What is collected for a scrape. */
interface CollectOptions extends CollectingPass {
  readonly registered: readonly RegisteredMetric[]
  readonly requested: readonly RegisteredMetric[]
}

/** What is exposed of a metric: what our own was made of, or what another one gave. */
type ExposedMetric = PluginMetric | CollectedFamily

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
    const start = performance.now()
    const scheduler = new Scheduler(this.#time)
    const chunks = new Chunks(sink, scheduler)
    const { metrics: registered, owners } = readRegistry(this.#registry, this.#onError)
    const nameSet = names === null ? null : new Set(names)
    const requested = nameSet === null ? registered : registered.filter(registeredMetric => registeredMetric.names.some(name => nameSet.has(name)))
    const defaultLabels = this.#readDefaultLabels()
    const families = await this.#collect({ registered, requested, scheduler, defaultLabels, signal: sink.signal })
    this.#removeClashing(requested, families, owners)
    const exposed = requested.flatMap(({ metric }) => pluginMetricOf(metric) ?? families.get(metric) ?? [])
    const context: EncodingContext = { writer: chunks.writer, usedNames: owners, defaultLabels }
    await runEncoding(encodeAll(encoder, context, exposed), { chunks, scheduler, signal: sink.signal })
    return () => { for (const family of exposed) if (isStored(family)) family.shown(start) }
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
  async #collect ({ registered, requested, ...pass }: CollectOptions): Promise<Map<NamedMetric, CollectedFamily | null>> {
    const isExternal = ({ metric }: RegisteredMetric): boolean => pluginMetricOf(metric) === undefined
    const collected = new Map<NamedMetric, CollectedFamily | null>()
    for (const step of collectingSteps(registered.filter(isExternal), requested.filter(isExternal))) {
      const families = await this.#collectors.collect(step, pass)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  /** Drops families whose samples have a name of another metric: one may give another type than the registry shows. */
  #removeClashing (requested: readonly RegisteredMetric[], families: Map<NamedMetric, CollectedFamily | null>, owners: NameOwners): void {
    for (const registeredMetric of requested) {
      const family = families.get(registeredMetric.metric)
      if (!family || owners.claim(registeredMetric, registeredMetric.name, family.type)) continue
      this.#onError(registeredMetric.name, clashError(registeredMetric.name))
      families.delete(registeredMetric.metric)
    }
  }
}

function isStored (exposed: ExposedMetric): exposed is Family {
  return 'table' in exposed
}

function * encodeAll (encoder: Encoder, context: EncodingContext, exposed: readonly ExposedMetric[]): Encoding {
  for (const registeredMetric of exposed) {
    yield * encodeFamily(encoder, context, registeredMetric)
    yield
  }
  encoder.encodeEnd(context)
}

function * encodeFamily (encoder: Encoder, context: EncodingContext, exposed: ExposedMetric): Encoding {
  if (!isStored(exposed)) {
    yield * encoder.encodeSampled(sampledOf(exposed), context)
    return
  }
  yield * exposed.expiring()
  if (exposed.type === 'counter') yield * encoder.encodeCounter(exposed, context)
  else if (exposed.type === 'gauge') yield * encoder.encodeGauge(exposed, context)
  else yield * encoder.encodeHistogram(exposed, context)
}

function sampledOf (exposed: ValuesMetric | CollectedFamily): SampledFamily {
  const { name, help, type } = exposed
  return 'rows' in exposed
    ? { name, help, type, rows: exposed.rows, needsDefaultLabels: false }
    : { name, help, type, rows: exposed.values(), needsDefaultLabels: true }
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
    if (!scheduler.isSliceOver && (!isFull || scheduler.isBusy)) continue
    await scheduler.yieldTurn()
    signal.throwIfAborted()
  }
  await chunks.finish()
}
