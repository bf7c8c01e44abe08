/** The names of the files of one generation of a slot that say how it is at present. */
export interface GenerationFiles {
  readonly generation: number
  /** The epochs that have all their files, newest first. */
  readonly epochs: readonly number[]
}

/** A file of an epoch, by its number: the labels log, and the two value files. */
const EPOCH_FILES = 3

interface FileName {
  readonly slot: number
  readonly kind: string
  readonly generation: number
  /** Only of the labels log and the value files. */
  readonly epoch: number | undefined
}

// The numbers have at most 15 digits, so that each of them is a safe integer.
const PATTERN =
  /^(\d{1,15})\.(?:(base|samples)\.(\d{1,15})(?:\.tmp)?|(labels)\.(\d{1,15})\.(\d{1,15})|(values)\.(\d{1,15})\.(\d{1,15})\.[01])$/

export function baseFileName (slot: number, generation: number): string {
  return `${slot}.base.${generation}`
}

/** The name that a base has until it is complete. */
export function temporaryName (name: string): string {
  return `${name}.tmp`
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
  const files = names.filter(name => !name.endsWith('.tmp')).flatMap(name => fileOf(name, slot))
  const bases = files.filter(({ kind }) => kind === 'base').map(({ generation }) => generation)
  if (bases.length === 0) return null
  const generation = bases.reduce((highest, other) => Math.max(highest, other))
  const filesByEpoch = new Map<number, number>()
  for (const { epoch, generation: other } of files) {
    if (epoch !== undefined && other === generation) filesByEpoch.set(epoch, (filesByEpoch.get(epoch) ?? 0) + 1)
  }
  const complete = [...filesByEpoch].filter(([, count]) => count === EPOCH_FILES).map(([epoch]) => epoch)
  return { generation, epochs: complete.sort((a, b) => b - a) }
}

/** The highest epoch of a generation of which any file exists; 0 if none does. */
export function highestEpoch (names: readonly string[], slot: number, generation: number): number {
  return names.flatMap(name => fileOf(name, slot))
    .reduce((highest, file) => file.generation === generation ? Math.max(highest, file.epoch ?? 0) : highest, 0)
}

/** The files of a slot that nobody reads any more: of lower generations, and of lower epochs of the generation. */
export function outdatedFiles (
  names: readonly string[], slot: number, current: { readonly generation: number, readonly epoch: number }
): string[] {
  return names.filter(name => fileOf(name, slot).some(({ generation, epoch }) =>
    generation < current.generation ||
    (generation === current.generation && epoch !== undefined && epoch < current.epoch)))
}

/** What a name says, if it is that of a file of this slot; else nothing. */
function fileOf (name: string, slot: number): readonly FileName[] {
  const match = PATTERN.exec(name)
  if (match === null || Number(match[1]) !== slot) return []
  const [, , single, singleGeneration, labels, labelsGeneration, labelsEpoch, values, generation, epoch] = match
  if (single !== undefined) return [{ slot, kind: single, generation: Number(singleGeneration), epoch: undefined }]
  return labels !== undefined
    ? [{ slot, kind: labels, generation: Number(labelsGeneration), epoch: Number(labelsEpoch) }]
    : [{ slot, kind: values!, generation: Number(generation), epoch: Number(epoch) }] // one of the three matched
}
