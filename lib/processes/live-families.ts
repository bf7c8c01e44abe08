import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import { definitionOf } from './definition.js'
import type { FamilyDefinition } from './definition.js'
import { grownCounts, grownIds } from './grown-array.js'
import type { NumberArena } from './number-arena.js'
import type { SharedLabels, SharedSeries } from './shared-series.js'
import type { FamilySnapshot } from './snapshot.js'

const FREE = 0
/** Series compared by their labels between two pauses: about 30 µs of work. */
const SERIES_PER_PAUSE = 32
/** Numbers copied between two pauses: about 20 µs of work. */
const NUMBERS_PER_PAUSE = 2 ** 14
/** How often copying begins again after series began or ended in a pause. After that it does not pause. */
const RESTARTS = 3

/** The families of this process as snapshots, like those of other processes, without the way through files. */
export class LiveFamilies {
  readonly #labels: SharedLabels
  readonly #known = new Map<Family, LiveFamily>()

  constructor (labels: SharedLabels) {
    this.#labels = labels
  }

  /** Copies the families, each at one moment, and pauses regularly. `since` is when this process started. */
  * snapshots (
    families: readonly Family[], { since, arena }: { readonly since: number, readonly arena: NumberArena }
  ): Generator<void, FamilySnapshot[]> {
    const snapshots: FamilySnapshot[] = []
    for (const family of families) snapshots.push(yield * this.#liveFamilyOf(family, since).snapshot(arena))
    return snapshots
  }

  #liveFamilyOf (family: Family, since: number): LiveFamily {
    const known = this.#known.get(family)
    if (known !== undefined) return known
    const definition = definitionOf(family, since)
    const created = new LiveFamily(family, definition, this.#labels.use(definition))
    this.#known.set(family, created)
    return created
  }
}

class LiveFamily {
  readonly definition: FamilyDefinition
  readonly #family: Family
  readonly #series: SharedSeries
  /** The ids of the series at each index, and their generations in the family; `FREE` without a series. */
  #ids = new Int32Array(0)
  #generations = new Uint32Array(0)
  /** The changes of the family that are in `#ids`. */
  #changes = -1

  constructor (family: Family, definition: FamilyDefinition, series: SharedSeries) {
    this.#family = family
    this.definition = definition
    this.#series = series
  }

  * snapshot (arena: NumberArena): Generator<void, FamilySnapshot> {
    const { pages } = this.#family.table
    let numbers: Float64Array | null = null
    // The numbers copied before a pause would belong to other series than the ids if series changed after it.
    for (let restarts = 0; numbers === null; restarts++) {
      const steps = this.#copySteps(arena)
      let step = steps.next()
      for (; step.done !== true; step = steps.next()) {
        if (restarts < RESTARTS) yield
      }
      numbers = step.value
    }
    return { definition: this.definition, series: this.#series, ids: this.#ids, length: pages.length, numbers }
  }

  /** Copies the numbers; `null` if series began or ended meanwhile. */
  * #copySteps (arena: NumberArena): Generator<void, Float64Array | null> {
    const { pages } = this.#family.table
    yield * this.#updateIds()
    if (pages.changes !== this.#changes) return null
    const numbers = arena.take(pages.length * pages.width)
    const pageNumbers = (pages.mask + 1) * pages.width
    let copied = 0
    for (let at = 0; at < numbers.length; at += pageNumbers) {
      const page = pages.pages[at / pageNumbers]!.numbers // of the pages that `length` needs
      numbers.set(page.subarray(0, numbers.length - at), at)
      copied += pageNumbers
      if (copied < NUMBERS_PER_PAUSE) continue
      copied = 0
      yield
      if (pages.changes !== this.#changes) return null
    }
    return numbers
  }

  * #updateIds (): Generator<void> {
    const { table } = this.#family
    const { pages } = table
    const { changes, length } = pages
    if (changes === this.#changes) return
    this.#grow(length)
    let replaced = 0
    for (let index = 0; index < length; index++) {
      const generation = pages.generationAt(index)
      if (generation === this.#generations[index]) continue
      if (this.#generations[index] !== FREE) this.#series.release(this.#ids[index]!) // within the array
      this.#ids[index] = generation === FREE
        ? NONE
        : this.#series.use(table.names.map((_, label) => table.labelValueAt(index, label)))
      this.#generations[index] = generation
      if (++replaced % SERIES_PER_PAUSE === 0) yield
    }
    // Not before the last pause, where the merge may be abandoned.
    this.#changes = changes
  }

  #grow (length: number): void {
    if (length <= this.#ids.length) return
    this.#ids = grownIds(this.#ids, length, NONE)
    this.#generations = grownCounts(this.#generations, length)
  }
}
