import t from 'tap'
import { checkRow, type DropReason } from '../../../../examples/dynoai-api/analysis/row-corrections.js'
import type { LogRow } from '../../../../examples/dynoai-api/dyno-log/read-rows.js'

const mixtures = { front: { commanded: 12.5, measured: 13 }, rear: { commanded: 10, measured: 9.5 } }
const row: LogRow = {
  rpm: 3000, map: 80, torque: 80, mixtures: [mixtures.front, mixtures.rear], tps: NaN, iat: NaN
}
const front = 4
const rear = -5

/** Returns the corrections of a row, or why it is dropped. */
function check (change: Partial<LogRow>): Array<number | undefined> | DropReason {
  const checked = checkRow({ ...row, ...change })
  return 'dropped' in checked
    ? checked.dropped
    : checked.corrections.map(percent =>
      percent && Math.round(percent * 1e6) / 1e6)
}

t.test('computes a correction per cylinder, positive for lean and negative for rich', async t => {
  t.same(check({}), [front, rear])
  t.same(check({ mixtures: [mixtures.rear] }), [rear])
})

t.test('drops a row with a value out of range, and says which', async t => {
  const cases: Array<[column: Exclude<keyof LogRow, 'mixtures'>, inside: number[], outside: number[]]> = [
    ['map', [10, 110], [9.9, 110.1]],
    ['torque', [5, 200], [4.9, -20, Infinity]],
    ['rpm', [400, 8000], [399.9, 8000.1, 0, Infinity]],
    ['tps', [0, 100, NaN], [-0.1, 100.1]],
    ['iat', [30, 300, NaN], [29.9, 300.1]]
  ]
  for (const [column, inside, outside] of cases) {
    for (const value of inside) t.same(check({ [column]: value }), [front, rear], `${column} ${value}`)
    for (const value of outside) t.equal(check({ [column]: value }), column, `${column} ${value}`)
  }
})

t.test('drops a row without a number in a column that is needed, and one that is too long', async t => {
  for (const column of ['rpm', 'map', 'torque'] as const) t.equal(check({ [column]: NaN }), 'unreadable', column)
  t.equal(check({ mixtures: [{ commanded: NaN, measured: 13 }, { commanded: 12, measured: NaN }] }), 'unreadable')
  t.strictSame(checkRow(undefined), { dropped: 'fields' })
})

t.test('leaves out a cylinder with an implausible AFR, and drops a row without another one', async t => {
  for (const value of [8.9, 18.1, NaN, Infinity]) {
    const odd = [{ commanded: value, measured: 13 }, { commanded: 12, measured: value }]
    for (const mixture of odd) {
      t.same(check({ mixtures: [mixture, mixtures.rear] }), [undefined, rear], `${value} in front`)
      t.same(check({ mixtures: [mixtures.front, mixture] }), [front, undefined], `${value} in the rear`)
    }
    t.equal(check({ mixtures: odd }), Number.isNaN(value) ? 'unreadable' : 'afr', `${value} in both`)
  }
  t.same(check({ mixtures: [{ commanded: 9, measured: 18 }] }), [100], 'the bounds are in the range')
})
