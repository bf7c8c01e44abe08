import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { EMPTY_BASE_BYTES } from './base-file.js'
import { baseFileName, removalsFileName } from './file-names.js'
import { FileProblem, fileProblemOf } from './file-problem.js'
import { InputFile, tryUnlink } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { MAX_REMOVALS, RemovalQueue } from './removal-queue.js'
import type { Removal } from './removal-queue.js'
import { replaceFile } from './replace-file.js'
import { parseJson } from './small-file.js'
import { parseSlotFileName } from './slot-names.js'
import type { Slot } from './slots.js'
import { temporarySlotName } from './temporary-name.js'

/** The largest file that is read, in bytes: the most removals, with labels of 400 B. */
const MAX_BYTES = 2 ** 22

/** How many files may wait for one owner, which may be blocked or stopped, before their contents become one. */
const MAX_FILES = 8

/** The numbers of files are below this, so they have at most 12 digits. */
const MAX_NUMBER = 10 ** 12

/** Files in the directory of a service. */
export interface FileAccess {
  readonly fs: FileSystem
  readonly directory: string
}

/** Removals that wait in files for the owner of a slot. */
export interface WaitingRemovals {
  readonly removals: readonly Removal[]
  /** The names of the files, to be deleted when the removals are applied. */
  readonly names: readonly string[]
  /** Why removals are missing. */
  readonly problems: readonly FileProblem[]
}

/**
 * Leaves removals for the owner of a slot, which applies them in its next interval, and deletes them. If it exits
 * before, the next owner applies them.
 * @throws an error of the operating system, or `FileProblem` if too many wait
 */
export function sendRemovals (access: FileAccess, slot: Slot, removals: readonly Removal[]): void {
  const { fs, directory } = access
  if (hasEmptyBase(access, slot)) return
  const queue = new RemovalQueue()
  const waiting = slot.files.removals.map(({ name }) => name)
  const replaced = waiting.length < MAX_FILES ? [] : waiting
  for (const removal of [...readRemovals(access, replaced).removals, ...removals]) {
    if (!queue.add(removal)) throw new FileProblem('too_large', `more than ${MAX_REMOVALS} removals wait`)
  }
  const bytes = Buffer.from(JSON.stringify(queue.waiting.map(({ metric, labels }) => [metric, labels])))
  if (bytes.length > MAX_BYTES) throw new FileProblem('too_large', `removals of ${bytes.length} bytes`)
  const name = removalsFileName(slot.slot, slot.generation, randomInt(MAX_NUMBER))
  const temporaryPath = join(directory, temporarySlotName(name))
  replaceFile(fs, { path: join(directory, name), temporaryPath }, [bytes])
  for (const name of replaced) tryUnlink(fs, join(directory, name))
}

/** Reads the removals that wait for the owners of a slot from a generation on. */
export function waitingRemovals (access: FileAccess, slot: number, generation: number): WaitingRemovals {
  const names = access.fs.readdirSync(access.directory).filter(name => {
    if (!name.startsWith(`${slot}.`)) return false // most names; this is called in each interval
    const file = parseSlotFileName(name)
    return file?.kind === 'removals' && file.generation >= generation
  })
  return readRemovals(access, names)
}

function readRemovals ({ fs, directory }: FileAccess, names: readonly string[]): WaitingRemovals {
  const removals: Removal[] = []
  const problems: FileProblem[] = []
  for (const name of names) {
    const found = readFile(fs, join(directory, name))
    if (found instanceof FileProblem) problems.push(found)
    else removals.push(...found)
  }
  return { removals, names, problems }
}

function readFile (fs: FileSystem, path: string): readonly Removal[] | FileProblem {
  try {
    const file = new InputFile(fs, path)
    try {
      if (file.size > MAX_BYTES) return new FileProblem('too_large', `removals of ${file.size} bytes`)
      return parse(file.readBytes(0, file.size).toString())
    } finally {
      file.close()
    }
  } catch (error) {
    const problem = fileProblemOf(error)
    if (problem.reason === 'missing') return [] // its owner has applied it
    if (problem.reason === 'unreadable') throw error // it may be readable later
    return problem
  }
}

function parse (text: string): Removal[] {
  const entries = parseJson(text)
  if (!Array.isArray(entries) || entries.length > MAX_REMOVALS || !entries.every(isEntry)) {
    throw new FileProblem('malformed', 'removals')
  }
  return entries.map(([metric, labels]) => ({ metric, labels }))
}

function isEntry (entry: unknown): entry is readonly [string, readonly string[] | null] {
  if (!Array.isArray(entry) || entry.length !== 2) return false
  const [metric, labels] = entry as readonly unknown[]
  return isText(metric) && (labels === null || (Array.isArray(labels) && labels.every(isText)))
}

function isText (value: unknown): value is string {
  return typeof value === 'string'
}

/** Whether the owner has written that it inherited nothing. */
function hasEmptyBase ({ fs, directory }: FileAccess, { slot, generation }: Slot): boolean {
  const stats = fs.statSync(join(directory, baseFileName(slot, generation)), { throwIfNoEntry: false })
  return stats?.size === EMPTY_BASE_BYTES
}
