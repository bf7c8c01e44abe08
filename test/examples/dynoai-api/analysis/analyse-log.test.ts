import t from 'tap'
import { analyseLog, inspectLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'

const rpm = [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500]
const load = [35, 50, 65, 80, 95]
const noUsableRow = { statusCode: 422, message: /^The log has no usable row: / }

/** A grid of zeros but for some cells. */
function gridWith (cells: ReadonlyArray<{ rpm: number, map: number, percent: number }>): number[][] {
  return rpm.map(row => load.map(column => cells.find(cell => cell.rpm === row && cell.map === column)?.percent ?? 0))
}

/** Rows of one cell, each with the same error in both cylinders. */
function smallLog (rows: number, percent: number, columns: Record<string, number> = {}): string {
  const measured = 12.5 * (100 + percent) / 100
  const row = { rpm: 3000, map_kpa: 80, torque: 70, afr_cmd_f: 12.5, afr_cmd_r: 12.5, afr_meas_f: measured, afr_meas_r: measured, ...columns }
  return [Object.keys(row).join(), ...Array(rows).fill(Object.values(row).join())].join('\n')
}

t.test('finds the known error of each cell exactly', async t => {
  const lean = { rpm: 3000, map: 80, percent: 2 }
  const rich = { rpm: 4500, map: 50, percent: -3 }
  const far = { rpm: 2000, map: 65, percent: 12 }
  for (const [name, delimiter] of [['commas', ','], ['tabs', '\t'], ['semicolons', ';']] as const) {
    const result = await analyseLog([generateLog({ delimiter, cells: [lean, rich, far] })])
    t.same(result, {
      rpm, load, corrections: gridWith([lean, rich, { ...far, percent: 7 }]), correctionsCount: 3, magnitudePercent: 12
    }, name)
  }
})

t.test('clamps the grid in both directions, but not the magnitude', async t => {
  const cells = [{ rpm: 1500, map: 95, percent: -9 }, { rpm: 5500, map: 35, percent: 8 }]
  const result = await analyseLog([generateLog({ cells })])
  t.same(result.corrections, gridWith([{ rpm: 1500, map: 95, percent: -7 }, { rpm: 5500, map: 35, percent: 7 }]))
  t.match(result, { correctionsCount: 2, magnitudePercent: 9 })
})

t.test('a perfect tune needs no correction', async t => {
  const result = await analyseLog([generateLog({ cells: [] })])
  t.same(result, { rpm, load, corrections: gridWith([]), correctionsCount: 0, magnitudePercent: 0 })
})

t.test('half a per cent is no correction, though the grid shows it', async t => {
  const cases: Array<[percent: number, count: number, magnitude: number]> = [
    [0.5, 0, 0], [-0.5, 0, 0], [0.51, 1, 0.51], [-0.51, 1, 0.51]
  ]
  for (const [percent, correctionsCount, magnitudePercent] of cases) {
    const result = await analyseLog([smallLog(4, percent)])
    t.same(result, { rpm, load, corrections: gridWith([{ rpm: 3000, map: 80, percent }]), correctionsCount, magnitudePercent }, `${percent} %`)
  }
})

t.test('pools both cylinders: two rows are four hits, one row is too few', async t => {
  t.match(await analyseLog([smallLog(2, 4)]), { correctionsCount: 1, magnitudePercent: 4 })
  t.match(await analyseLog([smallLog(1, 4)]), { correctionsCount: 0, magnitudePercent: 0 })
  t.match(await analyseLog([smallLog(2, 4, { afr_meas_r: 12.5 })]), { correctionsCount: 1, magnitudePercent: 2 }, 'one lean, one right')
  t.match(await analyseLog([smallLog(2, 4, { afr_meas_r: 99 })]), { correctionsCount: 0 }, 'two hits of one cylinder')
  t.match(await analyseLog([smallLog(3, 4, { afr_meas_r: 99 })]), { correctionsCount: 1, magnitudePercent: 4 }, 'three hits of one cylinder')
})

t.test('analyses a log of the largest usual size', async t => {
  const cells = [{ rpm: 3500, map: 95, percent: 5 }]
  const log = generateLog({ rows: 12_000, cells })
  t.ok(log.length > 900_000 && log.length < 1_100_000, `${log.length} bytes`)
  t.match(await analyseLog([log]), { corrections: gridWith(cells), correctionsCount: 1, magnitudePercent: 5 })
})

t.test('a log without a usable row cannot be analysed', async t => {
  for (const [name, log] of [['no rows', smallLog(0, 1)], ['an idling engine', smallLog(100, 1, { torque: 2 })]] as const) {
    await t.rejects(analyseLog([log]), noUsableRow, name)
    await t.rejects(inspectLog([log]), noUsableRow, name)
  }
})

t.test('inspection is content with the first usable row', async t => {
  let read = 0
  async function * log () {
    for (const part of [smallLog(1, 1), '\n', ...Array(100).fill(generateLog())]) {
      read++
      yield part
    }
  }
  await inspectLog(log())
  t.ok(read < 10, `${read} parts`)
})
