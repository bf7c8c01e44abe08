import type { LogRow } from '../dyno-log/read-rows.js'

/**
 * Computes the correction of the VE table in percent for each cylinder of a row. A lean mixture has a positive
 * correction. A cylinder with an implausible AFR is left out, and an unsteady row has no corrections.
 */
export function computeRowCorrections (row: LogRow): number[] {
  if (!isSteady(row)) return []
  return [
    [row.afrCommandedFront, row.afrMeasuredFront] as const,
    [row.afrCommandedRear, row.afrMeasuredRear] as const
  ].filter(([commanded, measured]) => isPlausibleAfr(commanded) && isPlausibleAfr(measured))
    .map(([commanded, measured]) => 100 * (measured / commanded - 1))
}

/** TPS and IAT are optional. A missing one is NaN, which passes because every comparison with NaN is false. */
function isSteady ({ rpm, map, torque, tps, iat }: LogRow): boolean {
  return Number.isFinite(rpm) && map >= 10 && map <= 110 && torque >= 5 && torque < Infinity &&
    !(tps < 0 || tps > 100) && !(iat < 30 || iat > 300)
}

function isPlausibleAfr (afr: number): boolean {
  return afr >= 9 && afr <= 18
}
