import type { Sample } from '../registry/plugin-metric.js'
import type { UncheckedLabels } from '../series/label-value.js'
import type { ByteWriter } from './byte-writer.js'
import { escapeLabelValue, formatNumber } from './format.js'
import type { FamilyHead, Format, Row } from './format.js'

/** Rows written between two pauses: about 50 µs of work. */
const ROWS_PER_PAUSE = 64
/** Characters of a row after which a pause follows at once. */
const LONG_ROW = 4096

/** The rows to write, and how. */
export interface RowsOptions {
  readonly format: Format
  readonly family: Pick<FamilyHead, 'name' | 'type'>
  /** The writing pauses at each `undefined` among them. */
  readonly rows: Iterable<Row | Sample | undefined>
  readonly defaultLabels: UncheckedLabels
}

/**
 * Writes the samples of a family. Default labels are added to each sample; a label of the sample with the same name
 * wins. It pauses now and then, and at each `undefined` in `rows`: its caller can then yield to the event loop.
 */
export function * writeRows (
  writer: ByteWriter,
  { format, family: { name, type }, rows, defaultLabels }: RowsOptions
): Generator<void> {
  const boundLabel = BOUND_LABELS.get(type)
  const hasDefaultLabels = Object.keys(defaultLabels).length > 0
  let written = 0
  for (const row of rows) {
    if (row === undefined) {
      yield
      continue
    }
    const sampleName = row.metricName ?? name
    const labels = hasDefaultLabels ? withDefaults(row.labels, defaultLabels) : row.labels ?? {}
    const labelText = formatLabels(labels, boundLabel, format)
    const exemplar = 'exemplar' in row && row.exemplar ? format.exemplar(sampleName, row.exemplar) : ''
    writer.writeText(`${sampleName}${labelText === '' ? '' : `{${labelText}}`} ${formatNumber(row.value)}${exemplar}\n`)
    if (++written % ROWS_PER_PAUSE === 0 || labelText.length >= LONG_ROW) yield
  }
}

/** The label that contains a bound, by type. */
export const BOUND_LABELS: ReadonlyMap<string, string> = new Map([['histogram', 'le'], ['summary', 'quantile']])

/** Adds the default labels after the labels of a sample. For a name that both have, the value of the sample stays. */
export function withDefaults (labels: UncheckedLabels = {}, defaultLabels: UncheckedLabels): UncheckedLabels {
  return { ...labels, ...defaultLabels, ...labels }
}

/** The text of labels, without the braces. If the value of the label `boundLabel` is a number, `format` writes it. */
export function formatLabels (labels: UncheckedLabels, boundLabel?: string, format?: Format): string {
  let text = ''
  for (const name of Object.keys(labels)) {
    const value = labels[name]
    const isBound = format !== undefined && name === boundLabel && typeof value === 'number'
    const labelValue = isBound ? format.bound(value) : escapeLabelValue(String(value))
    text += `${text === '' ? '' : ','}${name}="${labelValue}"`
  }
  return text
}
