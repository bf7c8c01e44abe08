import { runToEnd } from '../util/run-to-end.js'
import type { InheritedFamily } from './base-file.js'
import type { FileProblem } from './file-problem.js'
import { nodeFileSystem } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { MergedFamilies } from './merged-families.js'
import { waitingRemovals } from './removal-files.js'
import { removeInherited } from './remove-inherited.js'
import { SharedLabels } from './shared-series.js'
import { SlotReader } from './slot-reader.js'

export interface InheritanceOptions {
  readonly directory: string
  readonly slot: number
  /** The generation of this process, of which only the base is read. @default none: all counts of the owner before */
  readonly ownGeneration?: number | undefined
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
}

export interface Inheritance {
  readonly inherited: readonly InheritedFamily[]
  /** The metrics of which series went into an overflow series. */
  readonly overflowed: readonly string[]
  /** Why counts are missing. */
  readonly problems: readonly FileProblem[]
}

/**
 * The counters and histograms of a slot whose owner has exited, for the base of its next owner. Series beyond the
 * `maxSeries` of a metric go into its overflow series, so that a base does not grow with each owner. Pauses regularly.
 */
export function * inheritSteps (
  { directory, slot, ownGeneration, fs = nodeFileSystem }: InheritanceOptions
): Generator<void, Inheritance> {
  const labels = new SharedLabels()
  const merged = new MergedFamilies(labels, { isLimited: true })
  const reader = new SlotReader({ directory, slot, labels, fs })
  const own = ownGeneration === undefined
    ? undefined
    : { slot, generation: ownGeneration, since: 0, families: [] }
  const { slots } = yield * merged.merge({ slots: [{ reader, isLiving: false }], own })
  const problems = slots.flatMap(({ problems }) => problems)
  const { families, definitions, overflowed } = merged
  const inherited = families.map((family, i) => ({ family, since: definitions[i]!.since })) // a definition for each
  if (ownGeneration !== undefined) return { inherited, overflowed, problems }
  // The owner may have exited before it applied these. It is not known what it counted after them.
  const waiting = waitingRemovals({ fs, directory }, slot, slots[0]!.generation) // the only slot
  const rest = yield * removeInherited(inherited, waiting.removals)
  return { inherited: rest ?? inherited, overflowed, problems: [...problems, ...waiting.problems] }
}

/** As `inheritSteps`, without pauses. */
export function readInherited (options: InheritanceOptions): Inheritance {
  return runToEnd(inheritSteps(options))
}
