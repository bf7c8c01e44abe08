import type { Sample } from '../registry/plugin-metric.js'
import type { ByteWriter } from './byte-writer.js'
import { escapeLabelValue, formatNumber } from './format.js'
import type { FamilyHead, Format, Row } from './format.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** Rows written between two pauses, some 50 µs of work. */
const ROWS_PER_PAUSE = 64
/** Characters of a row that is work enough for one turn. */
const LONG_ROW = 4096

/** What rows are written of, and how. */
export interface RowsOptions {
  readonly format: Format
  readonly family: Pick<FamilyHead, 'name' | 'type'>
  /** Where one is `undefined`, the writing pauses. */
  readonly rows: Iterable<Row | Sample | undefined>
  readonly defaultLabels: UncheckedLabels
}

/**
 * Writes the samples of a family, each with the default labels that it has no own label for. It pauses now and then, and
 * where `rows` gives none, so that whoever runs it can give the event loop back.
 */
export function * writeRows (writer: ByteWriter, { format, family: { name, type }, rows, defaultLabels }: RowsOptions): Generator<void> {
  const boundLabel = BOUND_LABELS.get(type)
  const hasDefaultLabels = Object.keys(defaultLabels).length > 0
  let written = 0
  for (const row of rows) {
    if (row === undefined) {
      yield
      continue
    }
    const sampleName = row.metricName ?? name
    const labels = formatLabels(hasDefaultLabels ? withDefaults(row.labels, defaultLabels) : row.labels ?? {}, boundLabel, format)
    const exemplar = 'exemplar' in row && row.exemplar ? format.exemplar(sampleName, row.exemplar) : ''
    writer.writeText(`${sampleName}${labels === '' ? '' : `{${labels}}`} ${formatNumber(row.value)}${exemplar}\n`)
    if (++written % ROWS_PER_PAUSE === 0 || labels.length >= LONG_ROW) yield
  }
}

/** The label whose value is a number, by type. */
export const BOUND_LABELS: ReadonlyMap<string, string> = new Map([['histogram', 'le'], ['summary', 'quantile']])

/** The labels of a sample with those of the registry behind them; its own win. */
export function withDefaults (labels: UncheckedLabels = {}, defaultLabels: UncheckedLabels): UncheckedLabels {
  return { ...labels, ...defaultLabels, ...labels }
}

/** Labels as they stand between the braces; the value of `bound` is written as a bound of the format where it is a number. */
export function formatLabels (labels: UncheckedLabels, boundLabel?: string, format?: Format): string {
  let text = ''
  for (const name of Object.keys(labels)) {
    const value = labels[name]
    const labelValue = format !== undefined && name === boundLabel && typeof value === 'number' ? format.bound(value) : escapeLabelValue(String(value))
    text += `${text === '' ? '' : ','}${name}="${labelValue}"`
  }
  return text
}
