import type { Exemplar, Row } from '../exposition/format.js'
import { FileProblem } from './file-problem.js'
import { FORMAT, MAX_FAMILIES, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_ROWS, VERSION } from './samples-format.js'
import type { DatedFamily } from './samples-format.js'

/** The length after which a line ends, in UTF-16 units: about 100 µs of work. */
const LINE_LENGTH = 2 ** 13

/** More than the size of the header, in bytes. */
const HEADER_BYTES = 256

export interface EncodedSamples {
  readonly blocks: readonly Buffer[]
  /** Why families are left out: they exceed a limit of the file. */
  readonly problems: readonly FileProblem[]
}

/** Writes families as blocks of a file, and pauses after each line. */
export function * encodeSamples (families: readonly DatedFamily[]): Generator<void, EncodedSamples> {
  const blocks: Buffer[] = []
  const problems: FileProblem[] = []
  let size = HEADER_BYTES
  let rows = 0
  for (const family of families) {
    const lines = rows + family.rows.length > MAX_ROWS ? null : yield * encodeFamily(family)
    const lengths = lines?.map(line => line.length) ?? []
    const familySize = lengths.reduce((sum, length) => sum + length, 0)
    const isTooLarge = size + familySize > MAX_FILE_BYTES || lengths.some(length => length > MAX_LINE_BYTES)
    if (lines === null || isTooLarge || blocks.length === MAX_FAMILIES) {
      problems.push(new FileProblem('too_large', `the metric '${family.name}' exceeds a limit of the file`))
      continue
    }
    blocks.push(Buffer.concat(lines))
    size += familySize
    rows += family.rows.length
  }
  const header = { format: FORMAT, version: VERSION, families: blocks.length }
  return { blocks: [lineOf(JSON.stringify(header)), ...blocks], problems }
}

function * encodeFamily (family: DatedFamily): Generator<void, Buffer[]> {
  const { name, help, type, aggregator, since, rows } = family
  const lines = [lineOf(JSON.stringify({ name, help, type, aggregator, since, rows: rows.length }))]
  let texts: string[] = []
  let length = 0
  for (const row of rows) {
    const text = encodeRow(name, row)
    texts.push(text)
    length += text.length
    if (length < LINE_LENGTH) continue
    lines.push(lineOf(`[${texts.join()}]`))
    texts = []
    length = 0
    yield
  }
  if (texts.length > 0) lines.push(lineOf(`[${texts.join()}]`))
  yield
  return lines
}

function encodeRow (name: string, { value, labels, metricName = name, exemplar }: Row): string {
  const items: unknown[] = [encodeNumber(value), encodeLabels(labels)]
  if (metricName !== name || exemplar !== undefined) items.push(metricName === name ? null : metricName)
  if (exemplar !== undefined) items.push(encodeExemplar(exemplar))
  return JSON.stringify(items)
}

function encodeExemplar ({ labelSet, value, timestamp }: Exemplar): object {
  return { labelSet: encodeLabels(labelSet), value: encodeNumber(value), timestamp }
}

/** As they are written in an exposition. */
function encodeLabels (labels: Row['labels'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}

/** JSON has no other numbers. */
function encodeNumber (value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function lineOf (text: string): Buffer {
  return Buffer.from(`${text}\n`)
}
