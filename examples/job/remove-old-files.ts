import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Removes the files of a directory that are older than `maxAge` milliseconds. Returns how many it removed. */
export async function removeOldFiles (directory: string, maxAge: number): Promise<number> {
  const oldest = Date.now() - maxAge
  let removed = 0
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (!entry.isFile() || (await stat(path)).mtimeMs >= oldest) continue
    await unlink(path)
    removed++
  }
  return removed
}
