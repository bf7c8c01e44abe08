import t from 'tap'
import {
  createCells, nextStatus, simulatePull, updateVe, widenLeak, type Cell, type TuningConfig
} from '../../../../examples/dynoai-api/virtual-tuning/simulation.js'

const cell = (actual: number, ecu: number, target = 13): Cell =>
  ({ rpm: 3000, map_kpa: 65, target_afr: target, actual_ve: actual, ecu_ve: ecu })

function tune (config: TuningConfig) {
  let cells = createCells(config)
  const errors: number[] = []
  for (;;) {
    const pull = simulatePull(cells)
    const previousError = errors.at(-1)
    const status = nextStatus({
      pull, iterations: errors.length + 1, previousError, maxIterations: config.max_iterations
    })
    errors.push(pull.max_afr_error)
    if (status !== 'running') return { status, errors }
    cells = widenLeak(updateVe(pull), config.leak_percent)
  }
}

t.test('creates the 55 cells of the grid with the ECU error of the scenario', async t => {
  const ratios = (scenario: TuningConfig['scenario']) =>
    createCells({ scenario, error_percent: 20 }).map(cell => Number((cell.ecu_ve / cell.actual_ve).toFixed(9)))

  t.same(ratios('lean'), Array(55).fill(0.8))
  t.same(ratios('rich'), Array(55).fill(1.2))
  t.same(ratios('mixed'), Array.from({ length: 55 }, (_, i) => i % 2 === 0 ? 0.8 : 1.2))
  const cells = createCells({ scenario: 'lean', error_percent: 0 })
  const rpm = [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500]
  t.same([...new Set(cells.map(cell => cell.rpm))], rpm)
  t.same([...new Set(cells.map(cell => cell.map_kpa))], [35, 50, 65, 80, 95])
  t.ok(cells.every(cell => cell.actual_ve > 0.5 && cell.actual_ve < 1))
})

t.test('computes AFR = target × actual VE / VE in the ECU', async t => {
  const pull = simulatePull([cell(0.8, 0.8), cell(0.9, 0.75, 12.5)])

  t.same(pull.cells.map(({ afr, k }) => [Number(afr.toFixed(9)), Number(k.toFixed(9))]), [[13, 1], [15, 1.2]])
  t.equal(Number(pull.max_afr_error.toFixed(9)), 2.5)
  t.equal(pull.converged_cells_percent, 50)
  t.equal(pull.converged, false)
})

t.test('converges when enough cells are exact and no AFR error is large', async t => {
  const good = Array<Cell>(9).fill(cell(1, 1))
  const cases: Array<[name: string, cells: Cell[], converged: boolean]> = [
    ['90 % of the cells below 2.1 %', [...good, cell(1.022, 1)], true],
    ['fewer cells', [...good.slice(1), cell(1.022, 1), cell(1.022, 1)], false],
    ['a single AFR error of 0.3', [...good, cell(1.0232, 1)], false],
    ['a single rich cell', [...good, cell(0.9768, 1)], false]
  ]
  for (const [name, cells, converged] of cases) t.equal(simulatePull(cells).converged, converged, name)
})

t.test('limits the factor to 0.85…1.15 and the VE to 0.3…1.5', async t => {
  const cells = [cell(0.88, 0.8), cell(1, 0.5), cell(0.5, 1), cell(0.2, 0.32), cell(2, 1.4)]

  t.same(updateVe(simulatePull(cells)).map(({ ecu_ve: ve }) => Number(ve.toFixed(9))), [0.88, 0.575, 0.85, 0.3, 1.5])
  t.same(updateVe(simulatePull([cell(1, 1)])), [cell(1, 1)], 'the cells have no properties of the pull')
})

t.test('raises the actual VE by a wider leak', async t => {
  t.same(widenLeak([cell(0.8, 0.7)], 25), [cell(1, 0.7)])
})

t.test('ends a session with the expected status and iterations', async t => {
  const cases: Array<[Partial<TuningConfig>, status: string, iterations: number]> = [
    [{ error_percent: 0 }, 'converged', 1],
    [{ error_percent: 10 }, 'converged', 2],
    [{ error_percent: 35 }, 'converged', 4],
    [{ error_percent: 40 }, 'converged', 5],
    [{ scenario: 'rich', error_percent: 40 }, 'converged', 3],
    [{ scenario: 'mixed', error_percent: 40 }, 'converged', 5],
    [{ error_percent: 40, max_iterations: 4 }, 'max_iterations', 4],
    [{ error_percent: 10, leak_percent: 5 }, 'max_iterations', 10],
    [{ error_percent: 10, leak_percent: 20 }, 'failed', 4],
    [{ error_percent: 10, leak_percent: 20, max_iterations: 3 }, 'max_iterations', 3]
  ]
  for (const [config, status, iterations] of cases) {
    const outcome = tune({ scenario: 'lean', error_percent: 40, leak_percent: 0, max_iterations: 10, ...config })
    t.equal(outcome.status, status, JSON.stringify(config))
    t.equal(outcome.errors.length, iterations, `${status} after ${iterations}`)
  }
})

t.test('fails from the fourth iteration on when the error grows by more than 0.1', async t => {
  const pull = simulatePull([cell(1.25, 1, 12)])
  t.equal(pull.max_afr_error, 3)
  const cases: Array<[iterations: number, previousError: number, status: string]> = [
    [4, 2.9375, 'running'], [4, 2.875, 'failed'], [3, 2.875, 'running']
  ]
  for (const [iterations, previousError, status] of cases) {
    t.equal(nextStatus({ pull, iterations, previousError, maxIterations: 10 }), status)
  }
})
