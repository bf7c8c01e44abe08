import type { Pull } from './simulation.js'

/** A cell of an analysis needs at least three hits. Two rows have four, one per cylinder and row. */
const ROWS_PER_CELL = 2

/** Writes a pull as a dyno log in CSV. */
export function writePullLog (pull: Pull): string {
  const rows = pull.cells.map(({ rpm, map_kpa: kpa, actual_ve: ve, target_afr: target, afr }) =>
    [rpm, kpa, (120 * ve).toFixed(1), target, target, afr.toFixed(3), afr.toFixed(3)].join())
  const lines = Array.from({ length: ROWS_PER_CELL }, () => rows).flat()
  return ['rpm,map_kpa,torque,afr_cmd_f,afr_cmd_r,afr_meas_f,afr_meas_r', ...lines, ''].join('\n')
}
