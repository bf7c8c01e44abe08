import { Expiry } from './expiry.js'
import { OVERFLOW } from './label-value.js'
import { NONE } from './label-values.js'
import { SeriesTable } from './series-table.js'
import type { LabelRule } from './series-table.js'

/** Why a value landed in an overflow series: the metric has too many, or a label of it is too long. */
export type OverflowReason = 'series' | 'length'

/** What a family is. */
export interface FamilyOptions {
  readonly name: string
  readonly help: string
  /** @default [] */
  readonly labels?: readonly LabelRule[]
  /** How many series `admit` lets in, without the overflow series. @default no limit */
  readonly maxSeries?: number
  /** Seconds until a series ends that nothing was written to. @default never */
  readonly expireAfter?: number | undefined
  /** Whether a reset leaves the series that were added, at 0. @default false */
  readonly keepsSeriesOnReset?: boolean
  /** Hears of what `admit` puts into the overflow series. @default nobody */
  readonly onOverflow?: (reason: OverflowReason) => void
}

/** Where the numbers of a series are: they stay there for as long as there is the series. */
export interface SeriesRef {
  readonly numbers: Float64Array
  readonly offset: number
}

/** What counters, gauges and histograms share: their series, how many there may be, and how they end. */
export abstract class SeriesFamily {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly table: SeriesTable
  readonly #maxSeries: number
  readonly #keepsSeriesOnReset: boolean
  readonly #onOverflow: (reason: OverflowReason) => void
  readonly #overflow: readonly string[]
  readonly #expiry: Expiry | null

  /** `width` is how many numbers a series has. */
  constructor (options: FamilyOptions, width: number) {
    const { name, help, labels = [], maxSeries = Infinity, expireAfter, keepsSeriesOnReset = false, onOverflow = () => {} } = options
    this.name = name
    this.help = help
    this.labelNames = labels.map(({ name }) => name)
    this.table = new SeriesTable({ labels, width, limit: maxSeries + 1, tracksWrites: expireAfter !== undefined })
    this.#maxSeries = maxSeries
    this.#keepsSeriesOnReset = keepsSeriesOnReset
    this.#onOverflow = onOverflow
    this.#overflow = labels.map(() => OVERFLOW)
    this.#expiry = expireAfter === undefined
      ? null
      : new Expiry({ table: this.table, after: 1000 * expireAfter, canExpire: index => this.canExpire(index) })
  }

  /** Whether series end by themselves. */
  get hasExpiry (): boolean {
    return this.#expiry !== null
  }

  /**
   * The place of the series with these values of labels, which begins if there is room for it. Else it is the overflow series,
   * as for `null`, which stands for values that are too long.
   */
  admit (texts: readonly string[] | null): number {
    if (texts === null) return this.#overflowIndex('length')
    const known = this.table.findByValues(texts)
    if (known !== NONE) return known
    return this.#hasCapacity() ? this.addSeries(texts) : this.#overflowIndex('series')
  }

  /** Begins a series that is not there yet, whatever their number is, and gives its place. */
  addSeries (texts: readonly string[]): number {
    const index = this.table.add(texts)
    const { pages } = this.table
    const { lastWrites } = pages.pageOf(index)
    if (lastWrites !== null) lastWrites[index & pages.mask] = performance.now()
    return index
  }

  /** Whether the series at a place is that of what overflowed. */
  isOverflow (index: number): boolean {
    return this.labelNames.length > 0 && index === this.table.findByValues(this.#overflow)
  }

  /** Where the numbers of the series at a place are. */
  refTo (index: number): SeriesRef {
    const { pages } = this.table
    return { numbers: pages.pageOf(index).numbers, offset: (index & pages.mask) * pages.width }
  }

  /** Ends the series at a place, which becomes free; where all labels list their values it goes to 0. */
  remove (index: number): void {
    this.onRemove(index)
    this.table.remove(index)
  }

  /** Ends all series, but for those that are known beforehand, which go to 0. */
  reset (): void {
    for (const index of [...this.table.indices()]) {
      if (this.#keepsSeriesOnReset) this.table.pages.zero(index)
      else this.remove(index)
    }
  }

  /** Ends series that nothing was written to for too long, and pauses now and then. */
  * expireInSteps (): Generator<void> {
    if (this.#expiry !== null) yield * this.#expiry.end(performance.now(), index => { this.onRemove(index) })
  }

  /** Ends series that nothing was written to for too long. */
  expire (): void {
    const steps = this.expireInSteps()
    while (steps.next().done !== true);
  }

  /** A scrape that began then, by `performance.now()`, has shown all series to its end. */
  markScraped (began: number): void {
    this.#expiry?.markScraped(began)
  }

  /** Whether the series at a place may expire with what it holds. */
  protected canExpire (_place: number): boolean {
    return true
  }

  /** Forgets what is known of the series at a place beside its numbers. */
  protected onRemove (_place: number): void {}

  #hasCapacity (): boolean {
    if (this.#size() < this.#maxSeries) return true
    if (this.#expiry?.isDue(performance.now()) !== true) return false
    this.expire()
    return this.#size() < this.#maxSeries
  }

  #size (): number {
    return this.table.pages.size - (this.table.findByValues(this.#overflow) === NONE ? 0 : 1)
  }

  #overflowIndex (reason: OverflowReason): number {
    this.#onOverflow(reason)
    const index = this.table.findByValues(this.#overflow)
    return index === NONE ? this.addSeries(this.#overflow) : index
  }
}
