import { setImmediate } from 'node:timers'
import { processWide } from '../util/process-wide.js'
import type { NamedMetric } from './plugin-metric.js'

// Taken when this is loaded, since tests of an application may put another in its place.
const onNextTurn = setImmediate

/** What prom-client's metrics have beside their types. */
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

// Of all copies of this package, since they share collections.
const views = processWide('runtime-views', () => new WeakSet<object>())

/** Whether a metric is a view of one that is read together with others, so that all such must be asked in one turn. */
export function isSharedView (metric: object): boolean {
  return views.has(metric)
}

/**
 * Metrics that several registries show and that are read together: prom-client fills some of them in the `collect` of
 * another, and what it does there, such as starting a measure anew, must happen once in a scrape.
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

  // Each registry has its own view: an OpenMetrics registry renames its counters, a registry with default labels writes
  // them into the samples that it gets, and a reset of one instance must not take away what another has counted.
  #viewOf (metric: SharedMetric): NamedMetric {
    const { name, help, type, labelNames } = metric
    const shown = (given: Collected): object => ({
      ...given,
      name: view.name,
      values: given.values.map(sample => ({ ...sample }))
    })
    const text = async (): Promise<Collected> => await (metric.getForPromString?.() ?? metric.get())
    const view = {
      name,
      help,
      type,
      labelNames,
      get: async () => shown(await (this.#collect().get(metric) ?? metric.get())),
      getForPromString: async () => shown(await (this.#collect().get(metric) ?? text())),
      reset () {}
    }
    views.add(view)
    return view
  }

  /** What the metrics with a `collect` gave, asked once in a turn of the event loop; the others are filled by then. */
  #collect (): ReadonlyMap<SharedMetric, Promise<Collected>> {
    if (this.#collected !== undefined) return this.#collected
    const collected = new Map<SharedMetric, Promise<Collected>>()
    this.#collected = collected
    for (const metric of this.#metrics) {
      if (metric.collect === undefined) continue
      const given = metric.get()
      given.catch(() => {}) // the view of this metric fails; perhaps nobody asks for that
      collected.set(metric, given)
    }
    onNextTurn(() => { this.#collected = undefined })
    return collected
  }
}
