import { FamilyCheck } from '../exposition/check-family.js'
import type { CollectedFamily } from '../exposition/check-family.js'
import { isObject } from '../util/is-object.js'
import { checkedCount } from './file-header.js'
import { FileProblem } from './file-problem.js'
import { FORMAT, MAX_FAMILIES, MAX_LINE_BYTES, MAX_ROWS, VERSION } from './samples-format.js'
import type { DatedFamily } from './samples-format.js'

const NEWLINE = 0x0a

/** Samples checked between two pauses: about 40 µs of work. */
const SAMPLES_PER_PAUSE = 8

/** Characters of a name. */
const MAX_NAME = 1024

/** The numbers that JSON does not have, as they are written. */
const OTHER_NUMBERS: ReadonlyMap<unknown, number> =
  new Map([NaN, Infinity, -Infinity].map(value => [String(value), value]))

/** A row of a file in the form that a metric's `get()` returns. */
interface Sample {
  readonly value: unknown
  readonly labels: unknown
  readonly metricName: unknown
  readonly exemplar: unknown
}

/**
 * Reads the content of a file with samples, checks it like the samples of a metric, and pauses regularly.
 * @throws FileProblem if it breaks a rule of the format
 */
export function * decodeSamples (bytes: Buffer): Generator<void, DatedFamily[]> {
  const lines = new Lines(bytes)
  const count = readHeader(lines)
  const families = new Map<string, DatedFamily>()
  let rows = 0
  while (families.size < count) {
    const family = yield * readFamily(lines, MAX_ROWS - rows)
    if (families.has(family.name)) throw malformed(`two families have the name ${family.name}`)
    families.set(family.name, family)
    rows += family.rows.length
  }
  if (!lines.areRead) throw malformed('it has more than its families')
  return [...families.values()]
}

function readHeader (lines: Lines): number {
  const header = lines.next()
  if (!isObject(header) || header['format'] !== FORMAT) throw new FileProblem('foreign', 'it has another format')
  if (header['version'] !== VERSION) throw new FileProblem('version', 'it has another version')
  return checkedCount(header['families'], MAX_FAMILIES)
}

function * readFamily (lines: Lines, maxRows: number): Generator<void, DatedFamily> {
  const head = lines.next()
  if (!isObject(head)) throw malformed('a family is not an object')
  const { name, help, type, aggregator, since } = head
  const isValid = typeof name === 'string' && name.length <= MAX_NAME && typeof help === 'string' &&
    typeof type === 'string' && typeof since === 'number' && Number.isFinite(since)
  if (!isValid) throw malformed('the description of a family is not valid')
  const count = checkedCount(head['rows'], maxRows)
  const values: Sample[] = []
  while (values.length < count) {
    const rows = lines.next()
    if (!Array.isArray(rows) || rows.length === 0) throw malformed('the samples of a family are not an array')
    if (values.length + rows.length > count) throw malformed('a family has more samples than it says')
    for (const row of rows) values.push(sampleOf(row))
    yield
  }
  return { ...yield * check(name, { help, type, aggregator, values }), since }
}

function sampleOf (row: unknown): Sample {
  if (!Array.isArray(row)) throw malformed('a sample is not an array')
  const [value, labels, metricName, exemplar] = row as readonly unknown[]
  if (!areTexts(labels)) throw malformed('the labels of a sample are not texts')
  return { value: decodeNumber(value), labels, metricName: metricName ?? undefined, exemplar: exemplarOf(exemplar) }
}

function exemplarOf (exemplar: unknown): unknown {
  if (exemplar === undefined) return undefined
  if (!isObject(exemplar) || !areTexts(exemplar['labelSet'])) throw malformed('an exemplar is not valid')
  return { ...exemplar, value: decodeNumber(exemplar['value']) }
}

// Converting another value to text may throw.
function areTexts (labels: unknown): boolean {
  return isObject(labels) && Object.values(labels).every(value => typeof value === 'string')
}

function decodeNumber (value: unknown): unknown {
  return OTHER_NUMBERS.get(value) ?? value
}

function * check (name: string, collected: object): Generator<void, CollectedFamily> {
  const familyCheck = attempt(() => new FamilyCheck(name, collected))
  for (let i = 0; i < familyCheck.length; i++) {
    attempt(() => { familyCheck.addSample(i) })
    if (i % SAMPLES_PER_PAUSE === SAMPLES_PER_PAUSE - 1) yield
  }
  return attempt(() => familyCheck.finish())
}

function attempt<T> (step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw malformed((error as Error).message) // a check throws errors only
  }
}

/** The lines of a file, each of which is JSON. */
class Lines {
  readonly #bytes: Buffer
  #position = 0

  constructor (bytes: Buffer) {
    this.#bytes = bytes
  }

  get areRead (): boolean {
    return this.#position === this.#bytes.length
  }

  next (): unknown {
    const from = this.#position
    const end = this.#bytes.indexOf(NEWLINE, from)
    if (end === -1) throw new FileProblem('truncated', `it ends at ${this.#bytes.length} bytes`)
    if (end - from >= MAX_LINE_BYTES) throw new FileProblem('too_large', `a line of ${end - from} bytes`)
    this.#position = end + 1
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, end))
    } catch {
      throw malformed('a line is not JSON')
    }
  }
}

function malformed (message: string): FileProblem {
  return new FileProblem('malformed', message)
}
