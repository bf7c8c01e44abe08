import { randomBytes } from 'node:crypto'
import { renameSync } from 'node:fs'
import { opendir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWrite } from './last-write.js'
import { isAlive, isVisible } from './owner.js'
import { isPrivateDirectory } from './private-directory.js'
import { readPrimary, SERVICE_FILE } from './service-file.js'
import { listSlots } from './slots.js'
import type { Slot } from './slots.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/**
 * How long after its last write a service counts as running if its processes cannot be checked, in milliseconds: they
 * are in another pid namespace, or of another boot, or the directory does not say which they are. If it has not written
 * since the boot, it does not run.
 */
const MAX_SILENCE = 60 * 60_000

/** The default directory of a service, or one that a process was removing. */
const NAME = /^([0-9a-f]{32})(?:\.removed\.[0-9a-f]{16})?$/

/**
 * Removes the default directories of services that no longer run, and returns how many. A service no longer runs if its
 * primary and all owners of its slots have exited, for example with the machine's last boot. It leaves directories that
 * it cannot remove.
 */
export async function removeStaleServices (parentDirectory: string, system: System = localSystem): Promise<number> {
  let removed = 0
  for await (const { name } of await opendir(parentDirectory)) {
    const [, service] = NAME.exec(name) ?? []
    if (service === undefined) continue
    try {
      if (await removeIfStale(join(parentDirectory, name), join(parentDirectory, service), system)) removed++
    } catch {
      // Another process removes it at the same time, or its files cannot be read or removed.
    }
  }
  return removed
}

async function removeIfStale (path: string, originalPath: string, system: System): Promise<boolean> {
  if (!isStale(path, system)) return false
  const removedPath = `${originalPath}.removed.${randomBytes(8).toString('hex')}`
  renameSync(path, removedPath)
  // A process may have joined the service since the check. It cannot join any more.
  if (!isStale(removedPath, system)) {
    renameSync(removedPath, originalPath)
    return false
  }
  await rm(removedPath, { recursive: true, force: true })
  return true
}

function isStale (directory: string, system: System): boolean {
  if (!isPrivateDirectory(directory, system)) return false
  const primary = readPrimary(directory)
  if (primary !== undefined && isVisible(primary, system) && isAlive(primary, system)) return false
  const slots = listSlots(directory, system)
  if (slots.some(({ isOwned }) => isOwned)) return false
  if (primary !== undefined && !isAlive(primary, system)) return true
  return lastWriteOf(directory, slots) < system.now() - Math.min(MAX_SILENCE, system.uptime())
}

function lastWriteOf (directory: string, slots: readonly Slot[]): number {
  const files = slots.flatMap(({ files }) => [...files.owner, ...files.values])
  const paths = [directory, ...[SERVICE_FILE, ...files.map(({ name }) => name)].map(name => join(directory, name))]
  return Math.max(...paths.map(lastWrite).filter(Number.isFinite))
}
