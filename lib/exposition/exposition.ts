import { defaultLabelsOf } from '../registry/default-labels.js'
import { pluginMetricOf } from '../registry/plugin-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { now } from '../util/native-timers.js'
import type { CollectedFamily } from './check-family.js'
import { Chunks } from './chunks.js'
import type { Sink } from './chunks.js'
import { collectingSteps } from './collecting-steps.js'
import { Collectors } from './collectors.js'
import type { CollectingPass, ScrapePass } from './collectors.js'
import { encodeFamilies, isStored } from './encode-families.js'
import type { EncodingRun, ExposedMetric } from './encode-families.js'
import type { Encoder } from './encoder.js'
import { mergedInOrder } from './merged-order.js'
import type { RegistryNames } from './merged-order.js'
import type { CollectedMetrics, MergedMetrics, Merger } from './merger.js'
import type { NameOwners } from './name-owners.js'
import { clashError, readRegistry } from './read-registry.js'
import type { ReadableRegistry, RegisteredMetric } from './read-registry.js'
import { readDefaultLabels } from './sample-labels.js'
import { Scheduler, SYSTEM_TIME } from './scheduler.js'
import type { TimeSource } from './scheduler.js'

export type { ReadableRegistry }

/** Which metrics of a registry are read. */
interface Selection {
  /** `null` for all names. */
  readonly names: readonly string[] | null
  /** Whether a metric may be collected at all, also to fill others. @default all */
  readonly isCollected?: ((metric: RegisteredMetric) => boolean) | undefined
}

/** Which metrics one scrape collects, and how. */
interface CollectOptions extends CollectingPass {
  readonly registered: readonly RegisteredMetric[]
  readonly requested: readonly RegisteredMetric[]
}

/** What a scrape has read of a registry. */
interface Contents extends RegistryNames {
  readonly defaultLabels: UncheckedLabels
  readonly exposed: readonly ExposedMetric[]
}

/** The collected samples by metric; `null` for a metric that is left out. */
type CollectedFamilies = Map<NamedMetric, CollectedFamily | null>

/** The settings of an exposition. */
export interface ExpositionOptions {
  readonly registry: ReadableRegistry
  /** Used when the registry does not show its default labels. @default {} */
  readonly defaultLabels?: UncheckedLabels
  /** How long to wait for a metric, in milliseconds. */
  readonly collectTimeout: number
  /** Called for each metric that is left out. */
  readonly onError: (metric: string, err: unknown) => void
  /** Measures slices and turns. @default the clock and the event loop of the process */
  readonly time?: TimeSource
}

/** Reads a registry and writes its metrics, in slices. Between slices the event loop serves other requests. */
export class Exposition {
  /** Merges the metrics of each scrape with those of other processes; `null` for none. */
  merger: Merger | null = null
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
   * Writes the metrics with these names, or all metrics for `null`. A name is the name of a metric or of one of its
   * samples. Call the returned function when the reader has received everything: it marks the series as scraped.
   */
  async write (encoder: Encoder, names: readonly string[] | null, sink: Sink): Promise<() => void> {
    const start = performance.now()
    const startedAt = now() // differs from `start` only in a test with a fake clock
    const pass: ScrapePass = { scheduler: new Scheduler(this.#time), signal: sink.signal }
    const chunks = new Chunks(sink, pass.scheduler)
    const contents = await this.#read({ names }, pass)
    const { exposed: own, owners: usedNames, defaultLabels } = contents
    const run: EncodingRun = { encoder, chunks, usedNames, defaultLabels, ...pass }
    const merged = await this.#merge(contents, { startedAt, ...pass })
    try {
      const metrics = merged === null ? own : mergedInOrder(merged.metrics, { names, ...contents }, this.#onError)
      await encodeFamilies(metrics, run)
    } finally {
      merged?.release()
    }
    return () => {
      for (const metric of own) if (isStored(metric)) metric.markScraped(start)
      merged?.complete(names === null)
    }
  }

  /**
   * Collects all metrics now, or those that `isCollected` selects, to be merged with those of other processes later.
   */
  async collect (pass: ScrapePass, isCollected?: (metric: RegisteredMetric) => boolean): Promise<CollectedMetrics> {
    const { exposed: metrics, defaultLabels } = await this.#read({ names: null, isCollected }, pass)
    return { metrics, defaultLabels }
  }

  async #merge (
    { exposed: metrics, registered, defaultLabels }: Contents, pass: ScrapePass & { readonly startedAt: number }
  ): Promise<MergedMetrics | null> {
    if (this.merger === null) return null
    const registeredNames = new Set(registered.map(({ name }) => name))
    return await this.merger.merge({ metrics, registeredNames, defaultLabels, ...pass })
  }

  async #read ({ names, isCollected = () => true }: Selection, pass: ScrapePass): Promise<Contents> {
    const { metrics, owners } = readRegistry(this.#registry, this.#onError)
    const registered = metrics.filter(isCollected)
    const requested = filterByName(registered, names)
    const defaultLabels = this.#readDefaultLabels()
    const families = await this.#collect({ registered, requested, defaultLabels, ...pass })
    this.#removeClashing(requested, families, owners)
    const exposed = requested.flatMap(({ metric }) => pluginMetricOf(metric) ?? families.get(metric) ?? [])
    return { registered, requested, owners, defaultLabels, exposed }
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

  /** Collects the external metrics. Plugin metrics are read from the store while they are written. */
  async #collect ({ registered, requested, ...pass }: CollectOptions): Promise<CollectedFamilies> {
    const isExternal = ({ metric }: RegisteredMetric): boolean => pluginMetricOf(metric) === undefined
    const collected: CollectedFamilies = new Map()
    for (const step of collectingSteps(registered.filter(isExternal), requested.filter(isExternal))) {
      const families = await this.#collectors.collect(step, pass)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  /**
   * Removes families whose samples have a name of another metric. `get()` may return another type than the registry
   * shows, and so other names of samples.
   */
  #removeClashing (requested: readonly RegisteredMetric[], families: CollectedFamilies, owners: NameOwners): void {
    for (const owner of requested) {
      const { metric, name } = owner
      const family = families.get(metric)
      if (!family || owners.claim(owner, name, family.type)) continue
      this.#onError(name, clashError(name))
      families.delete(metric)
    }
  }
}

type Metrics = readonly RegisteredMetric[]

function filterByName (metrics: Metrics, names: readonly string[] | null): Metrics {
  if (names === null) return metrics
  const requested = new Set(names)
  return metrics.filter(metric => metric.names.some(name => requested.has(name)))
}
