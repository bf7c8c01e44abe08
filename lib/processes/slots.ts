import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { errors } from '../errors.js'
import { runToEnd } from '../util/run-to-end.js'
import { errorCode } from './error-code.js'
import { lastWrite } from './last-write.js'
import type { Owner, ThreadIdentity } from './owner.js'
import { OwnerDraft, readOwner, removeOwner } from './owner-file.js'
import { isOwned } from './ownership.js'
import { highestGeneration, KINDS, MAX_GENERATION, MAX_SLOTS, readNames } from './slot-names.js'
import type { DirectoryNames, SlotFile, SlotFileKind, SlotFiles } from './slot-names.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/** After this time a temporary file counts as left by a process that was killed, in milliseconds. */
const MAX_TEMPORARY_AGE = 10 * 60_000

/** A slot of a directory. */
export interface Slot {
  /** The number of the slot. */
  readonly slot: number
  /** The highest generation. */
  readonly generation: number
  /** The owner of this generation; `undefined` if its file is missing or invalid. */
  readonly owner: Owner | undefined
  /** Whether the owner may be running. Otherwise the slot is free. */
  readonly isOwned: boolean
  /** The files by kind. None has a generation higher than that of the slot. */
  readonly files: SlotFiles
}

/** A slot that the calling thread owns. */
export interface OwnedSlot {
  readonly slot: number
  readonly generation: number
  readonly owner: Owner
}

/** The generation of a slot that a thread tries to own, and the generation that it saw, if there is an owner file. */
interface Claim extends Pick<OwnedSlot, 'slot' | 'generation'> {
  readonly previous: number | undefined
}

/** Lists the slots of a directory by number. */
export function listSlots (directory: string, system: System = localSystem): Slot[] {
  return runToEnd(listSlotsInSteps(directory, system))
}

/** As `listSlots`, but pauses after each slot. */
export function * listSlotsInSteps (directory: string, system: System = localSystem): Generator<void, Slot[]> {
  return yield * describeSlots(directory, readNames(directory), system)
}

/**
 * Makes the calling thread the owner of a free slot, or of a new one. No two running threads own the same slot.
 * @throws DYNOAI_METRICS_ERR_DIRECTORY if all slots have owners; errors of the file system
 */
export function takeSlot (directory: string, owner: Owner, system: System = localSystem): OwnedSlot {
  const names = readNames(directory)
  removeOldTemporaries(directory, names.temporary, system)
  const draft = new OwnerDraft(directory, owner, system)
  try {
    for (const claim of claimsOf(runToEnd(describeSlots(directory, names, system)))) {
      if (takeGeneration(directory, claim, draft)) return { slot: claim.slot, generation: claim.generation, owner }
    }
  } finally {
    draft.discard()
  }
  throw new errors.ERR_DIRECTORY(directory, `have a free slot, of ${MAX_SLOTS}`, 'a directory with an owner for each')
}

/** Makes the calling thread the owner of a free slot, as it was listed; `null` if another thread was faster. */
export function takeListedSlot (directory: string, listed: Slot, owner: Owner): OwnedSlot | null {
  const { slot, generation, files } = listed
  const previous = files.owner.length > 0 ? generation : undefined
  const draft = new OwnerDraft(directory, owner, localSystem)
  try {
    const claim = { slot, generation: generation + 1, previous }
    return takeGeneration(directory, claim, draft) ? { slot, generation: generation + 1, owner } : null
  } finally {
    draft.discard()
  }
}

/**
 * Makes a slot free while its owner still runs. The next owner inherits it. The files of the slot stay, so its counts
 * remain. A new generation says so, since an owner file never changes. Does nothing if the slot is not owned any more:
 * another process may own one of this number, in a new directory.
 */
export function releaseSlot (directory: string, owned: OwnedSlot, system: System = localSystem): void {
  if (!ownsSlot(directory, owned)) return
  const { slot, generation, owner } = owned
  const draft = new OwnerDraft(directory, { ...owner, isReleased: true }, system)
  try {
    takeGeneration(directory, { slot, generation: generation + 1, previous: generation }, draft)
  } finally {
    draft.discard()
  }
}

/**
 * Whether a slot still belongs to the thread that took it. It does not if the directory was removed or replaced, or if
 * another process could not see that this one runs. Then the thread must not write to it, and can take another slot.
 */
export function ownsSlot (directory: string, { slot, generation, owner }: OwnedSlot): boolean {
  const path = join(directory, ownerName(slot, generation))
  let found
  try {
    found = readOwner(path)
    // A file that cannot be read, for example without free descriptors, keeps others from taking the slot.
    if (found === undefined) return lastWrite(path) !== Infinity
  } catch (error) {
    return errorCode(error) !== 'ENOTDIR'
  }
  return !found.isReleased && isDeepStrictEqual(identityOf(found), identityOf(owner))
}

/** What a thread can try to own: first the free slots, then the numbers without a slot. */
function * claimsOf (slots: readonly Slot[]): Generator<Claim> {
  for (const { slot, generation, isOwned, files } of slots) {
    if (isOwned || generation === MAX_GENERATION) continue
    yield { slot, generation: generation + 1, previous: files.owner.length > 0 ? generation : undefined }
  }
  const used = new Set(slots.map(({ slot }) => slot))
  for (let slot = 0; slot < MAX_SLOTS; slot++) {
    if (!used.has(slot)) yield { slot, generation: 1, previous: undefined }
  }
}

/**
 * All threads that see the same free slot try to create the same owner file, and one of them succeeds. A thread that
 * saw the slot long ago may also succeed, if that file has been deleted meanwhile. Therefore each lists the slot again:
 * then a higher generation exists, and the generation that it saw is deleted. In this case it leaves the slot and its
 * own owner file, which the next owner deletes.
 */
function takeGeneration (directory: string, { slot, generation, previous }: Claim, draft: OwnerDraft): boolean {
  if (!draft.publish(ownerName(slot, generation))) return false
  const owners = readNames(directory).slots.get(slot)?.owner ?? []
  if (highestGeneration(owners) !== generation) return false
  // A listing may miss the higher one if its file was replaced meanwhile; it never misses a file that was not deleted.
  if (previous !== undefined && !owners.some(file => file.generation === previous)) return false
  // In ascending order, so a deleted generation implies that all lower ones are deleted.
  for (const file of owners) if (file.generation < generation) removeOwner(join(directory, file.name))
  return true
}

function identityOf ({ pid, thread, started, boot, namespace }: Owner): ThreadIdentity {
  return { pid, thread, started, boot, namespace }
}

function ownerName (slot: number, generation: number): string {
  return `${slot}.owner.${generation}`
}

function * describeSlots (
  directory: string, { slots }: DirectoryNames, system: System
): Generator<void, Slot[]> {
  const described: Slot[] = []
  for (const [slot, files] of slots) {
    described.push(describeSlot(directory, { slot, files }, system))
    yield
  }
  return described
}

function describeSlot (
  directory: string, { slot, files }: { slot: number, files: SlotFiles }, system: System
): Slot {
  const ownerFile = files.owner.at(-1)
  if (ownerFile === undefined) {
    const generation = Math.max(...KINDS.map(kind => highestGeneration(files[kind])))
    return { slot, generation, owner: undefined, isOwned: false, files }
  }
  const { generation, name } = ownerFile
  const owner = readOwner(join(directory, name))
  // The owner file is created before the other files of its generation.
  const known = Object.fromEntries(
    KINDS.map(kind => [kind, files[kind].filter(file => file.generation <= generation)])
  ) as Record<SlotFileKind, SlotFile[]>
  const ownership = {
    owner,
    lastWrite: () => Math.max(...[...known.owner, ...known.values].map(file => lastWrite(join(directory, file.name))))
  }
  return { slot, generation, owner, isOwned: isOwned(ownership, system), files: known }
}

function removeOldTemporaries (directory: string, names: readonly string[], system: System): void {
  for (const name of names) {
    const path = join(directory, name)
    if (lastWrite(path) < system.now() - MAX_TEMPORARY_AGE) removeOwner(path)
  }
}
