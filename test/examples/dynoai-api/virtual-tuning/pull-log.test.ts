import t from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { pullLog } from '../../../../examples/dynoai-api/virtual-tuning/pull-log.js'
import { simulatePull, startingCells } from '../../../../examples/dynoai-api/virtual-tuning/simulate.js'

t.test('a pull is written as the analysis reads it, every cell with enough hits', async t => {
  // The ECU believes in 80 % of the VE, so the AFR is 1 / 0.8 of what it commands.
  const cells = startingCells({ scenario: 'lean', error_percent: 20 })
  const result = await analyseLog([pullLog(simulatePull(cells))])

  t.equal(result.correctionsCount, 55)
  t.equal(result.magnitudePercent.toFixed(1), '25.0')
  t.same(result.corrections, Array(11).fill(Array(5).fill(7)), 'clamped in every cell')
})

t.test('a tuned engine gives a log without corrections', async t => {
  const result = await analyseLog([pullLog(simulatePull(startingCells({ scenario: 'rich', error_percent: 0 })))])

  t.equal(result.correctionsCount, 0)
  t.equal(result.magnitudePercent, 0)
})
