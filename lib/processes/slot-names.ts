import { opendirSync } from 'node:fs'
import { errors } from '../errors.js'
import { isTemporaryName } from './temporary-name.js'

/** The slots of a directory are numbered from 0 to one less than this. */
export const MAX_SLOTS = 1024

/** The largest generation of a slot, so that a number in a name is exact. */
export const MAX_GENERATION = 999_999_999_999

/** The most files of a directory: a slot has 8 files, and twice as many during a takeover. */
const MAX_FILES = 16 * MAX_SLOTS

/** The kinds of files that a slot has. */
export const KINDS = ['owner', 'base', 'labels', 'values', 'samples', 'carried', 'port', 'removals'] as const

export type SlotFileKind = typeof KINDS[number]

/** What the name of a file of a slot says. */
export interface SlotFileName {
  readonly slot: number
  readonly kind: SlotFileKind
  readonly generation: number
  /** The epoch of a labels or values file, or the number of a removals file; 0 for other kinds. */
  readonly epoch: number
}

/** A file of a slot, by its name. */
export interface SlotFile {
  readonly name: string
  readonly generation: number
  /** The epoch of a labels or values file; 0 for other kinds. */
  readonly epoch: number
}

/** The files of a slot by kind. Each kind is sorted by generation, epoch and name. */
export type SlotFiles = Readonly<Record<SlotFileKind, readonly SlotFile[]>>

/** What the names of the files in a directory say. */
export interface DirectoryNames {
  /** The files of each slot by its number, in ascending order. */
  readonly slots: ReadonlyMap<number, SlotFiles>
  /** The names of files that were not complete when they were written. */
  readonly temporary: readonly string[]
}

// The slot, the kind, the generation, the rest.
const NAME = /^(0|[1-9]\d{0,3})\.(owner|base|labels|values|samples|carried|port|removals)\.([1-9]\d{0,11})((?:\.\d{1,12}){0,2})$/

/** What follows the generation in the name of a file: nothing, the epoch, or the epoch and 0 or 1. */
const REST: Readonly<Record<SlotFileKind, RegExp>> = {
  owner: /^$/,
  base: /^$/,
  labels: /^\.(0|[1-9]\d*)$/,
  values: /^\.(0|[1-9]\d*)\.[01]$/,
  samples: /^$/,
  carried: /^$/,
  port: /^$/,
  removals: /^\.(0|[1-9]\d*)$/
}

/** Reads the name of a file of a slot; `undefined` for another name. */
export function parseSlotFileName (name: string): SlotFileName | undefined {
  const [, slot, kind, generation, rest] = NAME.exec(name) ?? []
  if (slot === undefined || Number(slot) >= MAX_SLOTS) return undefined
  const epoch = REST[kind as SlotFileKind].exec(rest!) // a group that always takes part
  if (epoch === null) return undefined
  return {
    slot: Number(slot), kind: kind as SlotFileKind, generation: Number(generation), epoch: Number(epoch[1] ?? 0)
  }
}

/**
 * Reads the names in a directory of slots. It ignores other names.
 * @throws DYNOAI_METRICS_ERR_DIRECTORY if there are so many files that reading them would take too long
 */
export function readNames (directory: string, maxFiles: number = MAX_FILES): DirectoryNames {
  const slots = new Map<number, Record<SlotFileKind, SlotFile[]>>()
  const temporary: string[] = []
  for (const name of namesIn(directory, maxFiles)) {
    if (isTemporaryName(name)) temporary.push(name)
    const file = parseSlotFileName(name)
    if (file === undefined) continue
    const { slot, kind, generation, epoch } = file
    const files = slots.get(slot) ?? noFiles()
    slots.set(slot, files)
    files[kind].push({ name, generation, epoch })
  }
  for (const files of slots.values()) for (const kind of KINDS) files[kind].sort(compareFiles)
  return { slots: new Map([...slots].sort(([a], [b]) => a - b)), temporary }
}

function noFiles (): Record<SlotFileKind, SlotFile[]> {
  return { owner: [], base: [], labels: [], values: [], samples: [], carried: [], port: [], removals: [] }
}

/** The highest generation that the files of one kind have; 0 without files. */
export function highestGeneration (files: readonly SlotFile[]): number {
  return files.at(-1)?.generation ?? 0
}

function compareFiles (a: SlotFile, b: SlotFile): number {
  return a.generation - b.generation || a.epoch - b.epoch || (a.name < b.name ? -1 : 1)
}

// One by one: readdir() would read all names of a directory that contains millions.
function * namesIn (directory: string, maxFiles: number): Generator<string> {
  const entries = opendirSync(directory)
  try {
    let count = 0
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (++count > maxFiles) {
        throw new errors.ERR_DIRECTORY(directory, `contain at most ${maxFiles} files`, 'a directory with more')
      }
      yield entry.name
    }
  } finally {
    entries.closeSync()
  }
}
