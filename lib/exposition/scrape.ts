import { defaultLabelsOf, ownMetric } from '../registry/registry.js'
import type { NamedMetric, OwnMetric, ValuesMetric } from '../registry/registry.js'
import type { Family } from '../series/family.js'
import { Chunks } from './chunks.js'
import type { Sink } from './chunks.js'
import { Clock, REAL } from './clock.js'
import type { Time } from './clock.js'
import { collectingSteps } from './collecting-steps.js'
import { Collectors } from './collectors.js'
import type { CollectingPass } from './collectors.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import type { CollectedFamily } from './family.js'
import type { NameOwners } from './name-owners.js'
import { readDefaultLabels } from './read-labels.js'
import { clash, readRegistry } from './read-registry.js'
import type { Named, ReadableRegistry } from './read-registry.js'
import type { GivenLabels } from './rows.js'

export type { ReadableRegistry }

/** What is collected for a scrape. */
interface Collecting extends CollectingPass {
  readonly present: readonly Named[]
  readonly wanted: readonly Named[]
}

/** What is exposed of a metric: what our own was made of, or what another one gave. */
type Exposed = OwnMetric | CollectedFamily

/** What an exposition is made with. */
export interface ExpositionOptions {
  readonly registry: ReadableRegistry
  /** Taken where the registry does not show its own. @default {} */
  readonly defaultLabels?: GivenLabels
  /** How long a metric is waited for, in milliseconds. */
  readonly collectTimeout: number
  /** Hears of every metric that is left out. */
  readonly onError: (metric: string, err: unknown) => void
  /** What slices are timed by. @default the process's clock */
  readonly time?: Time
}

/** Reads a registry and writes what is in it, in slices between which the event loop serves others. */
export class Exposition {
  readonly #registry: ReadableRegistry
  readonly #defaultLabels: GivenLabels
  readonly #onError: (metric: string, err: unknown) => void
  readonly #collectors: Collectors
  readonly #time: Time

  constructor ({ registry, defaultLabels = {}, collectTimeout, onError, time = REAL }: ExpositionOptions) {
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
    const clock = new Clock(this.#time)
    const chunks = new Chunks(sink, clock)
    const { metrics: present, owners } = readRegistry(this.#registry, this.#onError)
    const asked = names === null ? null : new Set(names)
    const wanted = asked === null ? present : present.filter(one => one.names.some(name => asked.has(name)))
    const defaultLabels = this.#readDefaultLabels()
    const families = await this.#collect({ present, wanted, clock, defaultLabels, signal: sink.signal })
    this.#dropClashing(wanted, families, owners)
    const exposed = wanted.flatMap(({ metric }) => ownMetric(metric) ?? families.get(metric) ?? [])
    const context: EncodingContext = { writer: chunks.writer, taken: owners, defaultLabels }
    await drive(encode(encoder, context, exposed), { chunks, clock, signal: sink.signal })
    return () => { for (const family of exposed) if (isStored(family)) family.shown(began) }
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
  async #collect ({ present, wanted, ...pass }: Collecting): Promise<Map<NamedMetric, CollectedFamily | null>> {
    const isForeign = ({ metric }: Named): boolean => ownMetric(metric) === undefined
    const collected = new Map<NamedMetric, CollectedFamily | null>()
    for (const step of collectingSteps(present.filter(isForeign), wanted.filter(isForeign))) {
      const families = await this.#collectors.collect(step, pass)
      for (const [i, { metric }] of step.entries()) collected.set(metric, families[i] ?? null)
    }
    return collected
  }

  /** Drops families whose samples have a name of another metric: one may give another type than the registry shows. */
  #dropClashing (wanted: readonly Named[], families: Map<NamedMetric, CollectedFamily | null>, owners: NameOwners): void {
    for (const one of wanted) {
      const family = families.get(one.metric)
      if (!family || owners.take(one, one.name, family.type)) continue
      this.#onError(one.name, clash(one.name))
      families.delete(one.metric)
    }
  }
}

function isStored (exposed: Exposed): exposed is Family {
  return 'table' in exposed
}

function * encode (encoder: Encoder, context: EncodingContext, exposed: readonly Exposed[]): Encoding {
  for (const one of exposed) {
    yield * encodeOne(encoder, context, one)
    yield
  }
  encoder.end(context)
}

function * encodeOne (encoder: Encoder, context: EncodingContext, exposed: Exposed): Encoding {
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
interface Drive {
  readonly chunks: Chunks
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Runs an encoding to its end, in slices, and hands on what it has written. */
async function drive (encoding: Encoding, { chunks, clock, signal }: Drive): Promise<void> {
  while (encoding.next().done !== true) {
    const { isFull } = chunks
    if (isFull) await chunks.handOn()
    // On a free event loop each chunk ends a slice.
    if (!clock.isOver && (!isFull || clock.isBusy)) continue
    await clock.next()
    signal.throwIfAborted()
  }
  await chunks.finish()
}
