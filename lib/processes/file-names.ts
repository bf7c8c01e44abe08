import { parseSlotFileName } from './slot-names.js'
import type { SlotFileName } from './slot-names.js'
import { completeSlotName } from './temporary-name.js'

/** The names of the files of one generation of a slot that say how it is at present. */
export interface GenerationFiles {
  readonly generation: number
  /** The epochs that have all their files, newest first. */
  readonly epochs: readonly number[]
}

/** A file of an epoch, by its number: the labels log, and the two value files. */
const EPOCH_FILES = 3

export function baseFileName (slot: number, generation: number): string {
  return `${slot}.base.${generation}`
}

/** The name of the file with the samples of the owner that are not in the store. */
export function samplesFileName (slot: number, generation: number): string {
  return `${slot}.samples.${generation}`
}

/** The name of the file that says where the owner answers scrapes. */
export function portFileName (slot: number, generation: number): string {
  return `${slot}.port.${generation}`
}

/** The name of the file with the sums of the samples that the owners before collected. */
export function carriedFileName (slot: number, generation: number): string {
  return `${slot}.carried.${generation}`
}

/** The name of a file with removals that wait for the owner of this generation; several processes write some. */
export function removalsFileName (slot: number, generation: number, number: number): string {
  return `${slot}.removals.${generation}.${number}`
}

/** The names of the files of an epoch: the labels log, then both value files. */
export function epochFileNames (
  slot: number, generation: number, epoch: number
): readonly [labels: string, even: string, odd: string] {
  const suffix = `${generation}.${epoch}`
  return [`${slot}.labels.${suffix}`, `${slot}.values.${suffix}.0`, `${slot}.values.${suffix}.1`]
}

/** The files of the highest generation that has a base; `null` if no generation has one. */
export function newestGeneration (names: readonly string[], slot: number): GenerationFiles | null {
  const files = names.flatMap(name => fileOf(name, slot))
  const bases = files.filter(({ kind }) => kind === 'base').map(({ generation }) => generation)
  if (bases.length === 0) return null
  const generation = bases.reduce((highest, other) => Math.max(highest, other))
  const filesByEpoch = new Map<number, number>()
  for (const file of files) {
    const { epoch, generation: other } = file
    if (hasEpoch(file) && other === generation) filesByEpoch.set(epoch, (filesByEpoch.get(epoch) ?? 0) + 1)
  }
  const complete = [...filesByEpoch].filter(([, count]) => count === EPOCH_FILES).map(([epoch]) => epoch)
  return { generation, epochs: complete.sort((a, b) => b - a) }
}

/** The highest epoch of a generation of which any file exists; 0 if none does. */
export function highestEpoch (names: readonly string[], slot: number, generation: number): number {
  return names.flatMap(name => fileOf(name, slot))
    .reduce((highest, file) => file.generation === generation ? Math.max(highest, file.epoch) : highest, 0)
}

/** The files of a slot with counts that are no longer read: of lower generations, or of lower epochs. */
export function outdatedFiles (
  names: readonly string[], slot: number, current: { readonly generation: number, readonly epoch: number }
): string[] {
  return names.filter(name => fileOf(completeSlotName(name), slot).some(file =>
    (file.kind === 'base' || file.kind === 'removals' || hasEpoch(file)) && (
      file.generation < current.generation ||
      (file.generation === current.generation && hasEpoch(file) && file.epoch < current.epoch))))
}

/** The files of a slot with samples that are no longer read: of lower generations. */
export function outdatedSamples (names: readonly string[], slot: number, generation: number): string[] {
  return names.filter(name => fileOf(completeSlotName(name), slot).some(file =>
    (file.kind === 'samples' || file.kind === 'carried') && file.generation < generation))
}

/** The files of a slot that say where owners before have answered scrapes. */
export function outdatedPorts (names: readonly string[], slot: number, generation: number): string[] {
  return names.filter(name => fileOf(completeSlotName(name), slot).some(file =>
    file.kind === 'port' && file.generation < generation))
}

/** What a name says, if it is that of a file of this slot; otherwise nothing. */
function fileOf (name: string, slot: number): readonly SlotFileName[] {
  const file = parseSlotFileName(name)
  return file?.slot === slot ? [file] : []
}

function hasEpoch ({ kind }: SlotFileName): boolean {
  return kind === 'labels' || kind === 'values'
}
