import type { Summary } from './statistics.js'

const row = (cells: ReadonlyArray<string | number>): string =>
  `|${cells.map(cell => cell === '' ? ' ' : ` ${cell} `).join('|')}|`

/** Formats a table: the first column is text, the other columns are numbers. */
export const table = (head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [row(head), row(head.map((_, i) => i === 0 ? '---' : '---:')), ...rows.map(row)].join('\n')

/** Formats a spread, such as `±15 %`. */
export const percent = (share: number): string => `±${(100 * share).toFixed(0)} %`

/** Formats a median with its spread, such as `16.1 ±17 %`. */
export const summary = ({ median, spread }: Summary, digits: number): string =>
  `${median.toFixed(digits)} ${percent(spread)}`

/** Formats a ratio: `1/15.3` below 1, `1.2` above; returns '' for no ratio. */
export function formatRatio (ratio: number | undefined, digits = 1): string {
  if (ratio === undefined) return ''
  const inverse = (1 / ratio).toFixed(digits)
  return Number(inverse) > 1 ? `1/${inverse}` : ratio.toFixed(digits)
}

/** Formats bytes as a number of megabytes. */
export const megabytes = (bytes: number, digits: number): string => (bytes / 1e6).toFixed(digits)
