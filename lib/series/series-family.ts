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
  readonly keepsSeries?: boolean
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
  readonly #keepsSeries: boolean
  readonly #onOverflow: (reason: OverflowReason) => void
  readonly #overflow: readonly string[]
  readonly #expiry: Expiry | null

  /** `width` is how many numbers a series has. */
  constructor (options: FamilyOptions, width: number) {
    const { name, help, labels = [], maxSeries = Infinity, expireAfter, keepsSeries = false, onOverflow = () => {} } = options
    this.name = name
    this.help = help
    this.labelNames = labels.map(({ name }) => name)
    this.table = new SeriesTable({ labels, width, limit: maxSeries + 1, keepsWrites: expireAfter !== undefined })
    this.#maxSeries = maxSeries
    this.#keepsSeries = keepsSeries
    this.#onOverflow = onOverflow
    this.#overflow = labels.map(() => OVERFLOW)
    this.#expiry = expireAfter === undefined
      ? null
      : new Expiry({ table: this.table, after: 1000 * expireAfter, mayEnd: place => this.mayExpire(place) })
  }

  /** Whether series end by themselves. */
  get expires (): boolean {
    return this.#expiry !== null
  }

  /**
   * The place of the series with these values of labels, which begins if there is room for it. Else it is the overflow series,
   * as for `null`, which stands for values that are too long.
   */
  admit (texts: readonly string[] | null): number {
    if (texts === null) return this.#overflowPlace('length')
    const known = this.table.findTexts(texts)
    if (known !== NONE) return known
    return this.#hasRoom() ? this.begin(texts) : this.#overflowPlace('series')
  }

  /** Begins a series that is not there yet, whatever their number is, and gives its place. */
  begin (texts: readonly string[]): number {
    const place = this.table.add(texts)
    const { pages } = this.table
    const { writes } = pages.pageOf(place)
    if (writes !== null) writes[place & pages.mask] = performance.now()
    return place
  }

  /** Whether the series at a place is that of what overflowed. */
  isOverflow (place: number): boolean {
    return this.labelNames.length > 0 && place === this.table.findTexts(this.#overflow)
  }

  /** Where the numbers of the series at a place are. */
  refTo (place: number): SeriesRef {
    const { pages } = this.table
    return { numbers: pages.pageOf(place).numbers, offset: (place & pages.mask) * pages.width }
  }

  /** Ends the series at a place, which becomes free; where all labels list their values it goes to 0. */
  remove (place: number): void {
    this.forget(place)
    this.table.remove(place)
  }

  /** Ends all series, but for those that are known beforehand, which go to 0. */
  reset (): void {
    for (const place of [...this.table.places()]) {
      if (this.#keepsSeries) this.table.pages.zero(place)
      else this.remove(place)
    }
  }

  /** Ends series that nothing was written to for too long, and pauses now and then. */
  * expiring (): Generator<void> {
    if (this.#expiry !== null) yield * this.#expiry.end(performance.now(), place => { this.forget(place) })
  }

  /** Ends series that nothing was written to for too long. */
  expire (): void {
    const steps = this.expiring()
    while (steps.next().done !== true);
  }

  /** A scrape that began then, by `performance.now()`, has shown all series to its end. */
  shown (began: number): void {
    this.#expiry?.shown(began)
  }

  /** Whether the series at a place may expire with what it holds. */
  protected mayExpire (_place: number): boolean {
    return true
  }

  /** Forgets what is known of the series at a place beside its numbers. */
  protected forget (_place: number): void {}

  #hasRoom (): boolean {
    if (this.#size() < this.#maxSeries) return true
    if (this.#expiry?.isDue(performance.now()) !== true) return false
    this.expire()
    return this.#size() < this.#maxSeries
  }

  #size (): number {
    return this.table.pages.size - (this.table.findTexts(this.#overflow) === NONE ? 0 : 1)
  }

  #overflowPlace (reason: OverflowReason): number {
    this.#onOverflow(reason)
    const place = this.table.findTexts(this.#overflow)
    return place === NONE ? this.begin(this.#overflow) : place
  }
}
