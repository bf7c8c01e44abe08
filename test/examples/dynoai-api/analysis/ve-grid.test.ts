import t from 'tap'
import { MAP_CENTRES, RPM_CENTRES, VeGrid } from '../../../../examples/dynoai-api/analysis/ve-grid.js'

type Values = [rpm: number, map: number, torque: number, percent: number]

/** Returns the corrections by the centres of their cells. */
function correctionsOf (samples: Values[]): Record<string, number> {
  const grid = new VeGrid()
  for (const [rpm, map, torque, percent] of samples) grid.add({ rpm, map, torque, percent })
  const corrections: Record<string, number> = {}
  for (const [row, cells] of grid.corrections().entries()) {
    for (const [column, percent] of cells.entries()) {
      if (percent !== undefined) corrections[`${RPM_CENTRES[row]}/${MAP_CENTRES[column]}`] = percent
    }
  }
  return corrections
}

t.test('has 11 × 5 cells', async t => {
  t.same(RPM_CENTRES, [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500])
  t.same(MAP_CENTRES, [35, 50, 65, 80, 95])
  t.same(new VeGrid().corrections(), Array(11).fill(Array(5).fill(undefined)))
})

t.test('adds a sample to the cell with the nearest centre', async t => {
  const cases: Array<[rpm: number, map: number, cell: string]> = [
    [3000, 80, '3000/80'],
    [2751, 72.6, '3000/80'],
    [3249, 87.4, '3000/80'],
    [2749, 72.4, '2500/65'],
    [3251, 87.6, '3500/95'],
    [0, 10, '1500/35'],
    [9000, 110, '6500/95']
  ]
  for (const [rpm, map, cell] of cases) {
    t.same(correctionsOf(Array(3).fill([rpm, map, 50, 2])), { [cell]: 2 }, `${rpm}/${map}`)
  }
})

t.test('returns a correction only for a cell with three hits', async t => {
  const hit: Values = [3000, 80, 50, 2]
  t.same(correctionsOf([hit, hit]), {})
  t.same(correctionsOf([hit, hit, hit]), { '3000/80': 2 })
})

t.test('weights samples by torque', async t => {
  t.same(correctionsOf([[3000, 80, 100, 3], [3000, 80, 50, -3], [3000, 80, 50, 1]]), { '3000/80': 1 })
})

t.test('removes the rounding errors of binary fractions', async t => {
  t.same(correctionsOf(Array(7).fill([3000, 80, 0.1, 0.1 + 0.2])), { '3000/80': 0.3 })
  t.ok(Object.is(correctionsOf(Array(3).fill([3000, 80, 50, -1e-9]))['3000/80'], 0))
})
