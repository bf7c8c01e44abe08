import t from 'tap'
import { analyseLog as analyse } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { toLog } from '../to-log.js'

const rpm = [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500]
const load = [35, 50, 65, 80, 95]
const noUsableRow = { statusCode: 422, message: /^The log has no usable row\. / }

/** Returns the result of an analysis without the report of the log. */
async function analyseLog (text: string) {
  const { log, ...result } = await analyse(toLog(text))
  return result
}

/** Returns a grid of zeros except for some cells. */
function gridWith (cells: ReadonlyArray<{ rpm: number, map: number, percent: number }>): number[][] {
  return rpm.map(row => load.map(column => cells.find(cell => cell.rpm === row && cell.map === column)?.percent ?? 0))
}

/** Returns a log whose rows are all in one cell, with the same error in both cylinders. */
function oneCellLog (rows: number, percent: number, columns: Record<string, number> = {}): string {
  const measured = 12.5 * (100 + percent) / 100
  const afr = { afr_cmd_f: 12.5, afr_cmd_r: 12.5, afr_meas_f: measured, afr_meas_r: measured }
  const row = { rpm: 3000, map_kpa: 80, torque: 70, ...afr, ...columns }
  return [Object.keys(row).join(), ...Array(rows).fill(Object.values(row).join())].join('\n')
}

t.test('computes the exact error of each cell', async t => {
  const lean = { rpm: 3000, map: 80, percent: 2 }
  const rich = { rpm: 4500, map: 50, percent: -3 }
  const far = { rpm: 2000, map: 65, percent: 12 }
  for (const [name, delimiter] of [['commas', ','], ['tabs', '\t'], ['semicolons', ';']] as const) {
    const result = await analyseLog(generateLog({ delimiter, cells: [lean, rich, far] }))
    t.same(result, {
      rpm, load, corrections: gridWith([lean, rich, { ...far, percent: 7 }]), correctionsCount: 3, magnitudePercent: 12
    }, name)
  }
})

t.test('clamps positive and negative corrections, but not the magnitude', async t => {
  const cells = [{ rpm: 1500, map: 95, percent: -9 }, { rpm: 5500, map: 35, percent: 8 }]
  const result = await analyseLog(generateLog({ cells }))
  t.same(result.corrections, gridWith([{ rpm: 1500, map: 95, percent: -7 }, { rpm: 5500, map: 35, percent: 7 }]))
  t.match(result, { correctionsCount: 2, magnitudePercent: 9 })
})

t.test('finds no correction in the log of a perfect tune', async t => {
  const result = await analyseLog(generateLog({ cells: [] }))
  t.same(result, { rpm, load, corrections: gridWith([]), correctionsCount: 0, magnitudePercent: 0 })
})

t.test('does not count an error of up to 0.5 % as a correction, but returns it in the grid', async t => {
  const cases: Array<[percent: number, count: number, magnitude: number]> = [
    [0.5, 0, 0], [-0.5, 0, 0], [0.51, 1, 0.51], [-0.51, 1, 0.51]
  ]
  for (const [percent, correctionsCount, magnitudePercent] of cases) {
    const result = await analyseLog(oneCellLog(4, percent))
    const corrections = gridWith([{ rpm: 3000, map: 80, percent }])
    t.same(result, { rpm, load, corrections, correctionsCount, magnitudePercent }, `${percent} %`)
  }
})

t.test('counts a hit per cylinder: two rows have four hits, one row has too few', async t => {
  t.match(await analyseLog(oneCellLog(2, 4)), { correctionsCount: 1, magnitudePercent: 4 })
  t.match(await analyseLog(oneCellLog(1, 4)), { correctionsCount: 0, magnitudePercent: 0 })
  const cases: Array<[name: string, rows: number, afr: number, result: object]> = [
    ['one cylinder is lean, one is exact', 2, 12.5, { correctionsCount: 1, magnitudePercent: 2 }],
    ['two hits of one cylinder', 2, 99, { correctionsCount: 0 }],
    ['three hits of one cylinder', 3, 99, { correctionsCount: 1, magnitudePercent: 4 }]
  ]
  for (const [name, rows, afr, result] of cases) {
    t.match(await analyseLog(oneCellLog(rows, 4, { afr_meas_r: afr })), result, name)
  }
})

t.test('analyses a log of 1 MB', async t => {
  const cells = [{ rpm: 3500, map: 95, percent: 5 }]
  const log = generateLog({ rows: 12_000, cells })
  t.ok(log.length > 900_000 && log.length < 1_100_000, `${log.length} bytes`)
  t.match(await analyseLog(log), { corrections: gridWith(cells), correctionsCount: 1, magnitudePercent: 5 })
})

t.test('rejects a log without a usable row, and says why', async t => {
  const cases: Array<[name: string, log: string, why: RegExp]> = [
    ['no rows', oneCellLog(0, 1), / The log has only a header\.$/],
    ['an idling engine', oneCellLog(100, 1, { torque: 2 }),
      / 100 of 100 rows are not used: 100 with a torque below 5\.$/]
  ]
  for (const [name, log, why] of cases) {
    await t.rejects(analyseLog(log), noUsableRow, name)
    await t.rejects(analyseLog(log), { message: why }, name)
  }
})

t.test('counts rows that are read, used and dropped, by reason', async t => {
  const good = { rpm: 3000, map_kpa: 80, torque: 70, tps: 50, iat: 90, afr_cmd_f: 12.5, afr_meas_f: 12.75 }
  const changes: Array<[reason: string, change: Record<string, number | string>, count: number]> = [
    ['rpm', { rpm: 399 }, 1], ['rpm', { rpm: 8001 }, 2], ['map', { map_kpa: 9.9 }, 1], ['torque', { torque: 4.9 }, 4],
    ['tps', { tps: 101 }, 2], ['iat', { iat: 29 }, 3], ['afr', { afr_meas_f: 18.1 }, 5], ['unreadable', { rpm: '' }, 2],
    ['unreadable', { afr_meas_f: 'off' }, 1], ['fields', { afr_meas_f: '12.7,1' }, 2]
  ]
  const rows = [...Array(24).fill(good), ...changes.flatMap(([, change, count]) =>
    Array<object>(count).fill({ ...good, ...change }))].map(row => Object.values(row as object).join())
  const { log: { rows: counts } } = await analyse(toLog([Object.keys(good).join(), ...rows, ''].join('\n')))
  t.strictSame(counts, {
    read: 47,
    used: 24,
    dropped: { fields: 2, unreadable: 3, rpm: 3, map: 1, torque: 4, tps: 2, iat: 3, afr: 5 }
  })
})

t.test('tells how it understands a log, and then its progress', async t => {
  const events: unknown[] = []
  const { log } = await analyse(toLog(generateLog({ rows: 3000 })), {
    onInspected: report => events.push(report),
    onProgress: part => events.push(part)
  })
  const { rows, samples, ...report } = log
  t.strictSame(events, [report, 1 / 3, 2 / 3, 1])
})
