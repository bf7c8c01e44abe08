import type { LogRow } from '../dyno-log/read-rows.js'

/**
 * What a row says about the VE table: the correction in percent that each cylinder's sample asks for, lean positive.
 * A cylinder whose sample does not count is left out.
 */
export function sampleCorrections (row: LogRow): number[] {
  if (!isSteady(row)) return []
  return [
    [row.afrCommandedFront, row.afrMeasuredFront] as const,
    [row.afrCommandedRear, row.afrMeasuredRear] as const
  ].filter(([commanded, measured]) => isPlausibleAfr(commanded) && isPlausibleAfr(measured))
    .map(([commanded, measured]) => 100 * (measured / commanded - 1))
}

/** A missing TPS or IAT is NaN, which is outside of nothing. */
function isSteady ({ rpm, map, torque, tps, iat }: LogRow): boolean {
  return Number.isFinite(rpm) && map >= 10 && map <= 110 && torque >= 5 && torque < Infinity &&
    !(tps < 0 || tps > 100) && !(iat < 30 || iat > 300)
}

function isPlausibleAfr (afr: number): boolean {
  return afr >= 9 && afr <= 18
}
