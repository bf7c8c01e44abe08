import t from 'tap'
import { computeRowCorrections } from '../../../../examples/dynoai-api/analysis/row-corrections.js'
import type { LogRow } from '../../../../examples/dynoai-api/dyno-log/read-rows.js'

const row: LogRow = {
  rpm: 3000,
  map: 80,
  torque: 80,
  afrCommandedFront: 12.5,
  afrCommandedRear: 10,
  afrMeasuredFront: 13,
  afrMeasuredRear: 9.5,
  tps: NaN,
  iat: NaN
}
const front = 4
const rear = -5

function corrections (change: Partial<LogRow>): number[] {
  return computeRowCorrections({ ...row, ...change }).map(percent => Math.round(percent * 1e6) / 1e6)
}

t.test('computes a correction per cylinder, positive for lean and negative for rich', async t => {
  t.same(corrections({}), [front, rear])
})

t.test('ignores a row with a value out of range', async t => {
  const cases: Array<[column: keyof LogRow, inside: number[], outside: number[]]> = [
    ['map', [10, 110], [9.9, 110.1, NaN]],
    ['torque', [5, 200], [4.9, -20, NaN, Infinity]],
    ['rpm', [0, 9000], [NaN, Infinity]],
    ['tps', [0, 100, NaN], [-0.1, 100.1]],
    ['iat', [30, 300, NaN], [29.9, 300.1]]
  ]
  for (const [column, inside, outside] of cases) {
    for (const value of inside) t.same(corrections({ [column]: value }), [front, rear], `${column} ${value}`)
    for (const value of outside) t.same(corrections({ [column]: value }), [], `${column} ${value}`)
  }
})

t.test('leaves out a cylinder with an implausible AFR', async t => {
  for (const value of [8.9, 18.1, NaN, Infinity]) {
    t.same(corrections({ afrCommandedFront: value }), [rear], `commanded front ${value}`)
    t.same(corrections({ afrMeasuredFront: value }), [rear], `measured front ${value}`)
    t.same(corrections({ afrCommandedRear: value }), [front], `commanded rear ${value}`)
    t.same(corrections({ afrMeasuredRear: value }), [front], `measured rear ${value}`)
  }
  t.same(corrections({ afrCommandedFront: 9, afrMeasuredFront: 18 }), [100, rear], 'the bounds are in the range')
})
