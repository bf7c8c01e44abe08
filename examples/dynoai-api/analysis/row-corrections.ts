import type { LogRow, Mixture } from '../dyno-log/read-rows.js'

/** Why a row is not used: too many fields, a field without a number, or a value out of its range. */
export const DROP_REASONS = ['fields', 'unreadable', 'rpm', 'map', 'torque', 'tps', 'iat', 'afr'] as const

/** Why a row is not used. */
export type DropReason = typeof DROP_REASONS[number]

/** A row that is used, with one correction for each of its mixtures; or why it is not. */
export type CheckedRow =
  | { readonly row: LogRow, readonly corrections: readonly number[] }
  | { readonly dropped: DropReason }

/**
 * Computes the correction of the VE table in percent for each cylinder of a row. A lean mixture has a positive
 * correction. A cylinder with an implausible AFR is left out, and a row out of range has no corrections.
 */
export function checkRow (row: LogRow | undefined): CheckedRow {
  if (row === undefined) return { dropped: 'fields' }
  const dropped = findReason(row)
  if (dropped !== undefined) return { dropped }
  const corrections = row.mixtures.filter(isPlausible).map(({
    commanded,
    measured
  }) => 100 * (measured / commanded - 1))
  return corrections.length === 0 ? { dropped: 'afr' } : { row, corrections }
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
