import type { Family } from '../series/family.js'
import { addSeries, addTogether } from './add-series.js'
import { definitionOf, haveSameShape } from './definition.js'
import type { FamilyDefinition } from './definition.js'
import type { FileProblem } from './file-problem.js'
import { LiveFamilies } from './live-families.js'
import { sourcesOf } from './merge-sources.js'
import type { MergeOptions, OwnSource, Source } from './merge-sources.js'
import { MergedFamily } from './merged-family.js'
import type { MergedFamilyOptions } from './merged-family.js'
import { NumberArena } from './number-arena.js'
import type { SharedLabels } from './shared-series.js'
import type { SlotState } from './slot-reader.js'
import type { FamilySnapshot } from './snapshot.js'

/** How often a merge begins again because of a newer definition. Later ones are left out until the next merge. */
const MAX_PASSES = 4

/** A definition that differs from a newer one of the same name in type, labels or buckets, so it is left out. */
export interface DefinitionConflict {
  readonly slot: number
  readonly name: string
  /** Whether the slot inherited it. */
  readonly isInherited: boolean
}

/** What a merge found of one slot. */
export interface SlotReport {
  readonly slot: number
  /** 0 if the slot has no files. */
  readonly generation: number
  /** When the owner last wrote, in milliseconds since the epoch; 0 if it has not yet, or for this process. */
  readonly writtenAt: number
  /** Why counts of the slot are missing. */
  readonly problems: readonly FileProblem[]
}

export interface MergeReport {
  readonly slots: readonly SlotReport[]
  readonly conflicts: readonly DefinitionConflict[]
}

/** A definition in a slot. */
interface Candidate {
  readonly definition: FamilyDefinition
  readonly slot: number
  readonly isInherited: boolean
}

/** One run over all slots. */
interface Pass {
  readonly number: number
  /** The newest definition of each name. */
  readonly newest: Map<string, Candidate>
  readonly slots: SlotReport[]
  readonly conflicts: DefinitionConflict[]
}

const NO_FILES: SlotState = { generation: 0, base: [], live: [], writtenAt: 0, problems: [] }

/**
 * The sums of all slots, in families of the store, which encoders can write. The sums have the same order in each
 * process, so two processes that are scraped in turn do not differ in the last digit: for each slot, in the order of
 * the slots, the base and the live counts are added first, as a takeover of the slot does.
 */
export class MergedFamilies {
  readonly #labels: SharedLabels
  readonly #options: MergedFamilyOptions
  readonly #families = new Map<string, MergedFamily>()
  readonly #live: LiveFamilies
  readonly #arena = new NumberArena()
  #lastPass = 0

  /** `labels` must be those of the readers. */
  constructor (labels: SharedLabels, options: MergedFamilyOptions = { isLimited: false }) {
    this.#labels = labels
    this.#options = options
    this.#live = new LiveFamilies(labels)
  }

  /** The families as the last merge left them, without gauges whose aggregator is `omit`. */
  get families (): Family[] {
    return this.#merged().map(({ family }) => family)
  }

  /** The names of the metrics with series beyond the limit. */
  get overflowed (): string[] {
    return this.#merged().filter(({ hasOverflowed }) => hasOverflowed).map(({ definition }) => definition.name)
  }

  /** The definitions of `families`. */
  get definitions (): FamilyDefinition[] {
    return this.#merged().map(({ definition }) => definition)
  }

  /**
   * Reads all slots and sums them up, and pauses about every 30 µs of work. The families have mixed values until it
   * ends, and until the next merge if it is abandoned; so nothing may read them meanwhile, and only one merge may be in
   * progress.
   */
  * merge (options: MergeOptions): Generator<void, MergeReport> {
    const sources = sourcesOf(options)
    this.#defineOwnFirst(options.own)
    let passes = 0
    let pass: Pass
    do {
      pass = { number: ++this.#lastPass, newest: new Map(), slots: [], conflicts: [] }
      for (const source of sources) yield * this.#addSlot(source, pass)
    } while (++passes < MAX_PASSES && this.#adoptNewest(pass))
    for (const merged of this.#families.values()) yield * merged.finish()
    this.#arena.trim()
    return { slots: pass.slots, conflicts: pass.conflicts }
  }

  #merged (): MergedFamily[] {
    return [...this.#families.values()].filter(({ definition }) => definition.aggregator !== 'omit')
  }

  /** So the families of this process keep their order. */
  #defineOwnFirst (own: OwnSource | undefined): void {
    for (const family of own?.families ?? []) {
      if (!this.#families.has(family.name)) this.#define(definitionOf(family, own!.since)) // it has families
    }
  }

  #define (definition: FamilyDefinition): MergedFamily {
    const merged = new MergedFamily(definition, this.#labels, this.#options)
    this.#families.set(definition.name, merged)
    return merged
  }

  * #addSlot (source: Source, pass: Pass): Generator<void> {
    const { slot, reader, own, firstWithGauges, names } = source
    const arena = this.#arena
    arena.reset()
    const state = reader === null ? NO_FILES : yield * reader.read({ arena, names, ownGeneration: own?.generation })
    const { generation, writtenAt, problems } = state
    pass.slots.push({ slot, generation, writtenAt, problems })
    const live = own === null
      ? state.live
      : yield * this.#live.snapshots(own.families, { since: own.since, arena })
    // The gauges of an owner are not inherited.
    const bases = new Map(state.base.filter(isCumulative).map(base => [base.definition.name, base]))
    const hasGauges = own !== null || generation >= firstWithGauges
    for (const snapshot of hasGauges ? live : live.filter(isCumulative)) {
      const base = bases.get(snapshot.definition.name)
      bases.delete(snapshot.definition.name)
      const target = this.#targetOf(pass, { definition: snapshot.definition, slot, isInherited: false })
      const baseTarget = base && this.#targetOf(pass, { definition: base.definition, slot, isInherited: true })
      if (target !== undefined && base !== undefined && baseTarget !== undefined) {
        // Series that the owner has are first, so that those remain at the limit that were used last.
        yield * addTogether(target, base, snapshot)
      } else if (target !== undefined) {
        yield * addSeries(target, snapshot)
      } else if (base !== undefined && baseTarget !== undefined) {
        yield * addSeries(baseTarget, base)
      }
    }
    const predecessor = own === null ? [] : state.live.filter(isCumulative)
    for (const inherited of [...bases.values(), ...predecessor]) {
      const target = this.#targetOf(pass, { definition: inherited.definition, slot, isInherited: true })
      if (target !== undefined) yield * addSeries(target, inherited)
    }
  }

  /** Where the numbers of a definition are added; `undefined` if another definition is in use. */
  #targetOf (pass: Pass, candidate: Candidate): MergedFamily | undefined {
    const { definition, slot, isInherited } = candidate
    const { name } = definition
    const newest = pass.newest.get(name)
    if (newest === undefined || isNewer(candidate, newest)) pass.newest.set(name, candidate)
    const merged = this.#families.get(name) ?? this.#define(definition)
    if (haveSameShape(merged.definition, definition)) {
      merged.lastMerge = pass.number
      return merged
    }
    pass.conflicts.push({ slot, name, isInherited })
    return undefined
  }

  /** Replaces definitions by newer ones, and removes those that no slot has; returns whether one was replaced. */
  #adoptNewest ({ newest }: Pass): boolean {
    let hasReplaced = false
    for (const [name, merged] of [...this.#families]) {
      const definition = newest.get(name)?.definition
      if (definition === undefined) {
        merged.dispose()
        this.#families.delete(name)
      } else if (isSameMetric(merged.definition, definition)) {
        merged.definition = definition
      } else {
        this.#define(definition)
        merged.dispose()
        hasReplaced = true
      }
    }
    return hasReplaced
  }
}

function isCumulative ({ definition }: FamilySnapshot): boolean {
  return definition.type !== 'gauge'
}

/** All processes must agree which of two definitions is newer. */
function isNewer (candidate: Candidate, other: Candidate): boolean {
  const difference = candidate.definition.since - other.definition.since
  if (difference !== 0) return difference > 0
  return candidate.isInherited === other.isInherited ? candidate.slot > other.slot : other.isInherited
}

function isSameMetric (a: FamilyDefinition, b: FamilyDefinition): boolean {
  return haveSameShape(a, b) && a.help === b.help && a.aggregator === b.aggregator && a.maxSeries === b.maxSeries &&
    a.unlimitedLabels === b.unlimitedLabels
}
