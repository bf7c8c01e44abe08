import { randomBytes } from 'node:crypto'

const TEMPORARY = /^(?:owner|service)\.[0-9a-f]{16}\.temporary$/

/** A new name for a file that is not complete yet. If its process is killed, `takeSlot` deletes the file later. */
export function temporaryName (kind: 'owner' | 'service'): string {
  return `${kind}.${randomBytes(8).toString('hex')}.temporary`
}

export function isTemporaryName (name: string): boolean {
  return TEMPORARY.test(name)
}
