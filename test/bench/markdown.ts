const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(' | ')} |`

/** A table whose columns are numbers, but for the first. */
export const table = (head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [row(head), row(head.map((_, i) => i === 0 ? '---' : '---:')), ...rows.map(row)].join('\n')

/** How far figures lie apart. */
export const percent = (share: number): string => `±${(100 * share).toFixed(0)} %`
