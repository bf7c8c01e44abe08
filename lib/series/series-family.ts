import { Expiry } from './expiry.js'
import type { FamilyOptions, InheritanceLimit, OverflowReason } from './family-options.js'
import { OVERFLOW } from './label-value.js'
import { NONE } from './label-values.js'
import type { RemovalListener } from './removal-listener.js'
import { SeriesTable } from './series-table.js'

/** Where the numbers of a series are. They do not move for as long as the series exists. */
export interface SeriesRef {
  readonly numbers: Float64Array
  readonly offset: number
}

/** The common part of counters, gauges and histograms: stores, limits and removes their series. */
export abstract class SeriesFamily {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly table: SeriesTable
  /** The most series that `admit` adds, without the overflow series. */
  readonly maxSeries: number
  /** Seconds from the last write to a series until it expires; `Infinity` for never. */
  readonly expireAfter: number
  readonly inheritanceLimit: InheritanceLimit
  /** @default none */
  listener: RemovalListener | null = null
  readonly #keepsSeriesOnReset: boolean
  readonly #onOverflow: (reason: OverflowReason) => void
  /** The label values of the overflow series. */
  readonly #overflowValues: readonly string[]
  readonly #expiry: Expiry | null

  /** `width` is how many numbers a series has. */
  constructor (options: FamilyOptions, width: number) {
    const { name, help, labels = [], maxSeries = Infinity, expireAfter = Infinity } = options
    const { keepsSeriesOnReset = false, onOverflow = () => {} } = options
    this.name = name
    this.help = help
    this.labelNames = labels.map(({ name }) => name)
    this.table = new SeriesTable({ labels, width, limit: maxSeries + 1, tracksWrites: expireAfter < Infinity })
    this.maxSeries = maxSeries
    this.expireAfter = expireAfter
    this.inheritanceLimit = options.inheritanceLimit ?? { maxSeries, unlimitedLabels: 0 }
    this.#keepsSeriesOnReset = keepsSeriesOnReset
    this.#onOverflow = onOverflow
    this.#overflowValues = labels.map(() => OVERFLOW)
    this.#expiry = expireAfter === Infinity
      ? null
      : new Expiry({ table: this.table, after: 1000 * expireAfter, canExpire: index => this.canExpire(index) })
  }

  /** Whether series expire. */
  get hasExpiry (): boolean {
    return this.#expiry !== null
  }

  /**
   * Returns the index of the series with these label values, and adds the series if it is missing. Returns the index of
   * the overflow series at the limit of series, or for `null`: a label value was too long.
   */
  admit (labelValues: readonly string[] | null): number {
    if (labelValues === null) return this.#overflowIndex('length')
    const index = this.table.findByValues(labelValues)
    if (index !== NONE) return index
    return this.#hasCapacity() ? this.addSeries(labelValues) : this.#overflowIndex('series')
  }

  /** Adds a series that does not exist yet, without regard to the limit, and returns its index. */
  addSeries (labelValues: readonly string[]): number {
    const index = this.table.add(labelValues)
    const { pages } = this.table
    const { lastWrites } = pages.pageOf(index)
    if (lastWrites !== null) lastWrites[index & pages.mask] = performance.now()
    return index
  }

  /** Whether this is the overflow series. */
  isOverflow (index: number): boolean {
    return this.labelNames.length > 0 && index === this.table.findByValues(this.#overflowValues)
  }

  refTo (index: number): SeriesRef {
    const { pages } = this.table
    return { numbers: pages.pageOf(index).numbers, offset: (index & pages.mask) * pages.width }
  }

  /** Removes a series; if all labels list their values, sets it to 0 instead. */
  remove (index: number): void {
    this.onRemove(index)
    this.table.remove(index)
  }

  /** Removes the series with these label values for the application, as `remove` does, if there is one. */
  removeSeries (labelValues: readonly string[]): void {
    const index = this.table.findByValues(labelValues)
    if (index !== NONE) this.remove(index)
    this.listener?.removed(this.name, labelValues)
  }

  /** Removes all series, or sets them to 0 with `keepsSeriesOnReset` or if all labels list their values. */
  reset (): void {
    for (const index of [...this.table.indices()]) {
      if (this.#keepsSeriesOnReset) this.table.pages.zero(index)
      else this.remove(index)
    }
    this.listener?.reset(this.name)
  }

  /** Removes expired series, and pauses regularly. */
  * expireInSteps (): Generator<void> {
    if (this.#expiry !== null) yield * this.#expiry.removeExpired(performance.now(), index => { this.onRemove(index) })
  }

  /** Removes expired series. */
  expire (): void {
    const steps = this.expireInSteps()
    while (steps.next().done !== true);
  }

  /** Notes that a scrape has completed and contained all series. It started at this time of `performance.now()`. */
  markScraped (startedAt: number): void {
    this.#expiry?.markScraped(startedAt)
  }

  /** Whether a series may expire with its current value. */
  protected canExpire (_index: number): boolean {
    return true
  }

  /** Called before a series is removed or set to 0, to discard data of it other than its numbers. */
  protected onRemove (_index: number): void {}

  #hasCapacity (): boolean {
    if (this.#size() < this.maxSeries) return true
    if (this.#expiry?.isDue(performance.now()) !== true) return false
    this.expire()
    return this.#size() < this.maxSeries
  }

  #size (): number {
    return this.table.pages.size - (this.table.findByValues(this.#overflowValues) === NONE ? 0 : 1)
  }

  #overflowIndex (reason: OverflowReason): number {
    this.#onOverflow(reason)
    const index = this.table.findByValues(this.#overflowValues)
    return index === NONE ? this.addSeries(this.#overflowValues) : index
  }
}
