import { inheritSteps } from './inheritance.js'
import type { Inheritance } from './inheritance.js'
import type { Owner } from './owner.js'
import type { FileAccess } from './removal-files.js'
import type { Removal } from './removal-queue.js'
import { removeInherited } from './remove-inherited.js'
import { SlotWriter } from './slot-writer.js'
import { releaseSlot, takeListedSlot } from './slots.js'
import type { Slot } from './slots.js'

export interface FreeSlotOptions extends FileAccess {
  /** The slot as it was listed. */
  readonly slot: Slot
  /** The calling thread. */
  readonly owner: Owner
}

/**
 * Removes series from the counts of a slot whose owner has exited. Owns the slot meanwhile if it has any of them.
 * Pauses regularly. Returns `false` if another thread has taken the slot.
 * @throws FileProblem if the counts cannot be read, or an error of the operating system; then they stay
 */
export function * removeFromFreeSlot (
  { directory, slot: listed, owner, fs }: FreeSlotOptions, removals: readonly Removal[]
): Generator<void, boolean> {
  const options = { directory, slot: listed.slot, fs }
  const found = withoutProblems(yield * inheritSteps(options))
  if ((yield * removeInherited(found, removals)) === null) return true
  const taken = takeListedSlot(directory, listed, owner)
  if (taken === null) return false
  try {
    // Its owner may have written until it exited.
    const current = withoutProblems(yield * inheritSteps(options))
    const inherited = (yield * removeInherited(current, removals)) ?? current
    const writer = new SlotWriter({ ...options, generation: taken.generation, since: 0, families: [], inherited })
    writer.write()
    writer.close()
  } finally {
    releaseSlot(directory, taken)
  }
  return true
}

function withoutProblems ({ inherited, problems: [problem] }: Inheritance): Inheritance['inherited'] {
  if (problem !== undefined) throw problem
  return inherited
}
