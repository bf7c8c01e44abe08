import t from 'tap'
import { mapCentres, rpmCentres, VeGrid } from '../../../../examples/dynoai-api/analysis/ve-grid.js'

type Sample = [rpm: number, map: number, torque: number, percent: number]

/** The cells that have a correction, by their centres. */
function correctionsOf (samples: Sample[]): Record<string, number> {
  const grid = new VeGrid()
  for (const sample of samples) grid.add(...sample)
  const found: Record<string, number> = {}
  for (const [row, corrections] of grid.corrections().entries()) {
    for (const [column, percent] of corrections.entries()) {
      if (percent !== undefined) found[`${rpmCentres[row]}/${mapCentres[column]}`] = percent
    }
  }
  return found
}

t.test('has 11 × 5 cells', async t => {
  t.same(rpmCentres, [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500])
  t.same(mapCentres, [35, 50, 65, 80, 95])
  t.same(new VeGrid().corrections(), Array(11).fill(Array(5).fill(undefined)))
})

t.test('sorts a sample into the cell whose centre is nearest', async t => {
  const cases: Array<[rpm: number, map: number, cell: string]> = [
    [3000, 80, '3000/80'],
    [2751, 72.6, '3000/80'],
    [3249, 87.4, '3000/80'],
    [2749, 72.4, '2500/65'],
    [3251, 87.6, '3500/95'],
    [0, 10, '1500/35'],
    [9000, 110, '6500/95']
  ]
  for (const [rpm, map, cell] of cases) t.same(correctionsOf(Array(3).fill([rpm, map, 50, 2])), { [cell]: 2 }, `${rpm}/${map}`)
})

t.test('needs three hits in a cell', async t => {
  const hit: Sample = [3000, 80, 50, 2]
  t.same(correctionsOf([hit, hit]), {})
  t.same(correctionsOf([hit, hit, hit]), { '3000/80': 2 })
})

t.test('weights samples with their torque', async t => {
  t.same(correctionsOf([[3000, 80, 100, 3], [3000, 80, 50, -3], [3000, 80, 50, 1]]), { '3000/80': 1 })
})

t.test('is free of the dust of binary fractions', async t => {
  t.same(correctionsOf(Array(7).fill([3000, 80, 0.1, 0.1 + 0.2])), { '3000/80': 0.3 })
  t.ok(Object.is(correctionsOf(Array(3).fill([3000, 80, 50, -1e-9]))['3000/80'], 0))
})
