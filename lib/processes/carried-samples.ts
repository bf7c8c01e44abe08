import { join } from 'node:path'
import type { Row } from '../exposition/format.js'
import { encodeSamples } from './encode-samples.js'
import { carriedFileName, outdatedSamples } from './file-names.js'
import { FileProblem, isTemporary } from './file-problem.js'
import { tryUnlink } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { mergeSamples } from './merge-samples.js'
import { seriesOf } from './sample-series.js'
import { writeSamplesFile } from './samples-file.js'
import type { DatedFamily } from './samples-format.js'
import { SamplesReader } from './samples-reader.js'
import { highestGeneration, readNames } from './slot-names.js'

/**
 * The most samples of a metric that a slot carries. Metrics of other packages may have labels that differ in each
 * process, such as its pid, so that their sums would grow with each process.
 */
const MAX_CARRIED_ROWS = 10_000

export interface CarryOptions {
  readonly fs: FileSystem
  readonly directory: string
  readonly slot: number
  /** The generation of this process. */
  readonly generation: number
  /** Whether a metric is a runtime metric, which is not carried. */
  readonly isRuntime: (name: string) => boolean
}

/**
 * Writes the sums of the samples that the owners of a slot before have collected. From then on, readers read the files
 * of this generation, and those of lower ones are deleted. Every generation has this file, also one without sums. Does
 * nothing if it exists. Returns why counts are missing.
 * @throws FileProblem if a file cannot be read at present, before it changes anything; an error of the operating system
 */
export function * carrySamples (options: CarryOptions): Generator<void, readonly FileProblem[]> {
  const { fs, directory, slot, generation, isRuntime } = options
  const files = readNames(directory).slots.get(slot)
  if (highestGeneration(files?.carried ?? []) >= generation) return []
  const listed = files === undefined ? [] : [{ slot, generation: 0, isOwned: false, files }]
  const read = yield * new SamplesReader(directory, fs).read(listed, null)
  // Series that the last owner had are first, so that those remain that were used last. The sum of two numbers does not
  // depend on their order.
  const slots = read.slots.map(({ parts }) => ({ slot, parts: [...parts].reverse() }))
  const { families } = yield * mergeSamples(slots, isRuntime)
  const problems = read.problems.map(({ problem }) => problem)
  const temporary = problems.find(isTemporary)
  if (temporary !== undefined) throw temporary
  const carried: DatedFamily[] = []
  for (const family of families.values()) carried.push({ ...family, rows: yield * lastUsedRows(family, problems) })
  const encoded = yield * encodeSamples(carried)
  writeSamplesFile({ fs, directory, name: carriedFileName(slot, generation) }, encoded.blocks)
  const outdated = outdatedSamples(fs.readdirSync(directory), slot, generation)
  for (const name of outdated) tryUnlink(fs, join(directory, name))
  return [...problems, ...encoded.problems]
}

/** The samples of the first series, so many that they are within the limit. */
function * lastUsedRows (family: DatedFamily, problems: FileProblem[]): Generator<void, readonly Row[]> {
  if (family.rows.length <= MAX_CARRIED_ROWS) return family.rows
  let length = 0
  for (const { rows } of yield * seriesOf(family)) {
    if (length + rows.length > MAX_CARRIED_ROWS) break
    length += rows.length
  }
  problems.push(new FileProblem('too_large', `the metric '${family.name}' has ${family.rows.length} inherited samples`))
  return family.rows.slice(0, length)
}
