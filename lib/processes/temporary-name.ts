import { randomBytes } from 'node:crypto'

const TEMPORARY = /^(?:owner|service)\.[0-9a-f]{16}\.temporary$/

/** A new name for a file that is not complete yet. If its process is killed, `takeSlot` deletes the file later. */
export function temporaryName (kind: 'owner' | 'service'): string {
  return `${kind}.${randomBytes(8).toString('hex')}.temporary`
}

export function isTemporaryName (name: string): boolean {
  return TEMPORARY.test(name)
}

const SLOT_SUFFIX = '.tmp'

/**
 * The name of a file of a slot until it is complete. Only the owner of the slot writes it, so it need not be random. If
 * the owner is killed, the next one deletes it.
 */
export function temporarySlotName (name: string): string {
  return name + SLOT_SUFFIX
}

/** The name that a file of a slot will have, if `name` is its temporary one; otherwise `name`. */
export function completeSlotName (name: string): string {
  return name.endsWith(SLOT_SUFFIX) ? name.slice(0, -SLOT_SUFFIX.length) : name
}
