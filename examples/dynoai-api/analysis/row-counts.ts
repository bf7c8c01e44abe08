import { DROP_REASONS, type DropReason } from './row-corrections.js'

/** What happened to the rows of a log. */
export interface RowCounts {
  readonly read: number
  readonly used: number
  /** Number of rows that were not used, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>
}

/** For messages. */
const TEXTS: Readonly<Record<DropReason, string>> = {
  fields: 'with more fields than the header, or a word before their values',
  unreadable: 'without a number in a column that is needed',
  rpm: 'outside 400 to 8000 rpm',
  map: 'outside 10 to 110 kPa',
  torque: 'with a torque below 5',
  tps: 'outside 0 to 100 % TPS',
  iat: 'outside 30 to 300 °F IAT',
  afr: 'outside AFR 9 to 18'
}

/** Counts the rows of a log. */
export class RowCounter {
  #used = 0
  readonly #dropped = Object.fromEntries(DROP_REASONS.map(reason => [reason, 0])) as Record<DropReason, number>

  /** Counts a row that is used. */
  use (): void {
    this.#used++
  }

  /** Counts a row that is not used. */
  drop (reason: DropReason): void {
    this.#dropped[reason]++
  }

  /** Returns the counts so far. */
  counts (): RowCounts {
    const dropped = Object.values(this.#dropped).reduce((sum, count) => sum + count, 0)
    return { read: this.#used + dropped, used: this.#used, dropped: { ...this.#dropped } }
  }
}

/** Describes the rows that were not used, as a sentence, most frequent reason first. */
export function describeDropped ({ read, used, dropped }: RowCounts): string {
  const reasons = DROP_REASONS.filter(reason => dropped[reason] > 0)
    .sort((one, other) => dropped[other] - dropped[one])
    .map(reason => `${dropped[reason]} ${TEXTS[reason]}`)
  return `${read - used} of ${read} rows are not used: ${reasons.join(', ')}.`
}
