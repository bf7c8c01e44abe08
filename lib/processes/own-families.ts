import type { ExposedMetric } from '../exposition/encode-families.js'
import { isStored } from '../exposition/encode-families.js'
import { joinedMetrics } from '../registry/join.js'
import { pluginMetricOf } from '../registry/plugin-metric.js'
import type { Family } from '../series/family.js'
import type { RemovalListener } from '../series/removal-listener.js'
import type { MetricsRegistry } from '../types/index.js'
import { addRemovalListener, deleteRemovalListener } from './removals.js'

/** The families of the store that this process shares with the others: all in its registry. */
export class OwnFamilies {
  /** More are added at the end. Their names differ. */
  readonly families: Family[] = []
  readonly #registry: MetricsRegistry
  readonly #listener: RemovalListener
  readonly #names = new Set<string>()
  /** How many metrics of the plugin the registry had at the last update. */
  #joined = 0

  /** `listener` is told of series that the application removes. */
  constructor (registry: MetricsRegistry, listener: RemovalListener) {
    this.#registry = registry
    this.#listener = listener
  }

  /** Adds the families of metrics that were defined since the last call. */
  update (): void {
    const joined = joinedMetrics(this.#registry)
    if (joined.size === this.#joined) return
    this.#joined = joined.size
    for (const metric of joined) {
      const source = pluginMetricOf(metric)
      // The registry may have been cleared, and then got another metric of this name.
      if (source !== undefined && isStored(source) && this.#isRegistered(metric)) this.#add(source)
    }
  }

  /** Adds the families among metrics that a scrape exposes: the application may have registered some itself. */
  addExposed (metrics: readonly ExposedMetric[]): void {
    for (const metric of metrics) if (isStored(metric)) this.#add(metric)
  }

  /** Removes expired series. A scrape has shown all that was written before a time of `performance.now()`. */
  expire (shownAt: number): void {
    for (const family of this.families) {
      family.markScraped(shownAt)
      family.expire()
    }
  }

  close (): void {
    for (const family of this.families) deleteRemovalListener(family, this.#listener)
  }

  /** Whether this process has, or had, a family of this name. */
  has (name: string): boolean {
    return this.#names.has(name)
  }

  #isRegistered (metric: { readonly name: string }): boolean {
    try {
      return this.#registry.getSingleMetric(metric.name) === metric
    } catch {
      return true // a registry that fails; a scrape reports that
    }
  }

  #add (family: Family): void {
    if (this.#names.has(family.name)) return
    this.#names.add(family.name)
    this.families.push(family)
    addRemovalListener(family, this.#listener)
  }
}
