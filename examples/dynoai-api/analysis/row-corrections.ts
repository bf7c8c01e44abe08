import type { LogRow, Mixture } from '../dyno-log/read-rows.js'

/** Why a row is not used: too many fields, a word before its values, a field without a number, a value out of range. */
export const DROP_REASONS = ['fields', 'unreadable', 'rpm', 'map', 'torque', 'tps', 'iat', 'afr'] as const

/** Why a row is not used. */
export type DropReason = typeof DROP_REASONS[number]

/** A row that is used, with the correction for each of its mixtures, if that is plausible; or why it is not. */
export type CheckedRow =
  | { readonly row: LogRow, readonly corrections: ReadonlyArray<number | undefined> }
  | { readonly dropped: DropReason }

/**
 * Computes the correction of the VE table in percent for each cylinder of a row. A lean mixture has a positive
 * correction. A cylinder with an implausible AFR has none, and a row out of range is dropped.
 */
export function checkRow (row: LogRow | undefined): CheckedRow {
  if (row === undefined) return { dropped: 'fields' }
  const dropped = findReason(row)
  if (dropped !== undefined) return { dropped }
  const corrections = row.mixtures.map(mixture =>
    isPlausible(mixture) ? 100 * (mixture.measured / mixture.commanded - 1) : undefined)
  return corrections.every(correction => correction === undefined) ? { dropped: 'afr' } : { row, corrections }
}

/** TPS and IAT are optional. A missing one is NaN, which passes because every comparison with NaN is false. */
function findReason ({ rpm, map, torque, mixtures, tps, iat }: LogRow): DropReason | undefined {
  const hasMixture = mixtures.some(({ commanded, measured }) => !Number.isNaN(commanded) && !Number.isNaN(measured))
  if (Number.isNaN(rpm) || Number.isNaN(map) || Number.isNaN(torque) || !hasMixture) return 'unreadable'
  if (rpm < 400 || rpm > 8000) return 'rpm'
  if (map < 10 || map > 110) return 'map'
  if (torque < 5 || torque === Infinity) return 'torque'
  if (tps < 0 || tps > 100) return 'tps'
  if (iat < 30 || iat > 300) return 'iat'
  return undefined
}

function isPlausible ({ commanded, measured }: Mixture): boolean {
  return [commanded, measured].every(afr => afr >= 9 && afr <= 18)
}
