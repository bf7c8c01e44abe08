import { onNextTurn } from '../util/native-timers.js'
import { processWide } from '../util/process-wide.js'
import type { NamedMetric } from './plugin-metric.js'

/** A metric of prom-client, with the properties that its types do not declare. */
export interface SharedMetric extends NamedMetric {
  readonly help: string
  readonly labelNames: readonly string[]
  readonly collect?: unknown
  get (): Promise<Collected>
  getForPromString? (): Promise<Collected>
}

interface Collected {
  readonly values: readonly object[]
}

// Shared by all copies of this package in the process, since they share collections.
const views = processWide('runtime-views', () => new WeakSet<object>())

/** Whether a metric is a view of a shared collection. All views must be read in the same turn of the event loop. */
export function isSharedView (metric: object): boolean {
  return views.has(metric)
}

/**
 * Metrics that several registries show, and that are read together. prom-client sets some of them in the `collect`
 * function of another metric. That function must be called only once in a scrape, since it may restart a measurement.
 */
export class SharedCollection {
  readonly #metrics: readonly SharedMetric[]
  #collected: ReadonlyMap<SharedMetric, Promise<Collected>> | undefined

  constructor (metrics: readonly SharedMetric[]) {
    this.#metrics = metrics
  }

  /** A view of each metric, for one registry. */
  views (): NamedMetric[] {
    return this.#metrics.map(metric => this.#viewOf(metric))
  }

  // Each registry has a separate view: an OpenMetrics registry renames its counters, a registry with default labels
  // adds them to the samples that it reads, and a reset of one instance must not delete counts of another.
  #viewOf (metric: SharedMetric): NamedMetric {
    const { name, help, type, labelNames } = metric
    const copy = (collected: Collected): object => ({
      ...collected,
      name: view.name,
      values: collected.values.map(sample => ({ ...sample }))
    })
    const getForPromString = async (): Promise<Collected> => await (metric.getForPromString?.() ?? metric.get())
    const view = {
      name,
      help,
      type,
      labelNames,
      get: async () => copy(await (this.#collect().get(metric) ?? metric.get())),
      getForPromString: async () => copy(await (this.#collect().get(metric) ?? getForPromString())),
      reset () {}
    }
    views.add(view)
    return view
  }

  /** Reads the metrics with `collect`, once in a turn of the event loop. This also sets the values of the others. */
  #collect (): ReadonlyMap<SharedMetric, Promise<Collected>> {
    if (this.#collected !== undefined) return this.#collected
    const collected = new Map<SharedMetric, Promise<Collected>>()
    this.#collected = collected
    for (const metric of this.#metrics) {
      if (metric.collect === undefined) continue
      const result = metric.get()
      result.catch(() => {}) // the view of this metric rejects, too, but may not be read
      collected.set(metric, result)
    }
    onNextTurn(() => { this.#collected = undefined })
    return collected
  }
}
