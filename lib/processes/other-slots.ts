import { removeFromFreeSlot } from './free-slot.js'
import { sendRemovals } from './removal-files.js'
import type { FileAccess } from './removal-files.js'
import type { Removal } from './removal-queue.js'
import { highestGeneration, readNames } from './slot-names.js'
import { listSlotsInSteps } from './slots.js'
import type { OwnedSlot, Slot } from './slots.js'

/**
 * Removes series from the counts of slots whose owners have exited, and tells other owners to remove them from what
 * they have inherited. Pauses regularly. Returns `false` if a slot had another owner meanwhile: then repeat it.
 * @throws FileProblem if files cannot be used, or an error of the operating system
 */
export function * removeFromOtherSlots (
  access: FileAccess, { slot: ownSlot, owner }: OwnedSlot, removals: readonly Removal[]
): Generator<void, boolean> {
  const { directory } = access
  const slots = (yield * listSlotsInSteps(directory)).filter(({ slot }) => slot !== ownSlot)
  let isComplete = true
  for (const slot of slots) {
    yield
    if (slot.isOwned) sendRemovals(access, slot, removals)
    else if (!(yield * removeFromFreeSlot({ ...access, slot, owner }, removals))) isComplete = false
  }
  // An owner that took a slot after it was listed may not have seen the removals.
  const { slots: present } = readNames(directory)
  const hasSameOwner = ({ slot, generation, isOwned }: Slot): boolean =>
    !isOwned || highestGeneration(present.get(slot)?.owner ?? []) === generation
  return isComplete && slots.every(hasSameOwner)
}
