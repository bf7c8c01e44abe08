import t from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { writePullLog } from '../../../../examples/dynoai-api/virtual-tuning/pull-log.js'
import { createCells, simulatePull } from '../../../../examples/dynoai-api/virtual-tuning/simulation.js'
import { toLog } from '../to-log.js'

t.test('writes a log that has enough hits in every cell for an analysis', async t => {
  // The VE in the ECU is 80 % of the actual VE, so the AFR is 1 / 0.8 of the target.
  const cells = createCells({ scenario: 'lean', error_percent: 20 })
  const result = await analyseLog(toLog(writePullLog(simulatePull(cells))))

  t.equal(result.correctionsCount, 55)
  t.equal(result.magnitudePercent.toFixed(1), '25.0')
  t.same(result.corrections, Array(11).fill(Array(5).fill(7)), 'clamped in every cell')
})

t.test('writes a log without corrections for a tuned engine', async t => {
  const result = await analyseLog(toLog(writePullLog(simulatePull(createCells({
    scenario: 'rich',
    error_percent: 0
  })))))

  t.equal(result.correctionsCount, 0)
  t.equal(result.magnitudePercent, 0)
})
