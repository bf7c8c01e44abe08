import t from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { createRandom } from '../../../fixtures/random.js'
import { readCount } from '../../../fixtures/read-count.js'
import { createStyle } from './random-style.js'
import { createTruth, expectedOf, type Cylinder } from './truth.js'
import { writeLog } from './write-log.js'

/** CI writes 1000. `DIALECT_COUNT=… npm run test:unit -- test/examples/dynoai-api/dialects` writes another number. */
const COUNT = readCount('DIALECT_COUNT', 150)
/** `DIALECT_SEED=…` repeats a run. */
const SEED = readCount('DIALECT_SEED', 1)

/** Numbers are rounded when they are written, which changes a correction by less. */
const TOLERANCE_PERCENT = 0.1

t.test(`gives the grid of the plain log or a refusal for ${COUNT} random logs (DIALECT_SEED=${SEED})`, async t => {
  t.comment(`DIALECT_SEED=${SEED}`)
  const random = createRandom(SEED)
  const outcomes = new Map<string, number>()
  for (let number = 1; number <= COUNT; number++) {
    const { rows, errors } = createTruth(random.integer(1, 1e6))
    const isComplete = random.float() < 0.8
    // Some columns of the grid, so values have another range.
    const [low, high] = random.pick([[0, 57.5], [57.5, 110], [30, 87.5]] as const)
    const part = isComplete ? rows : rows.filter(({ map }) => map >= low && map < high)
    const bytes = writeLog(part, createStyle(random, isComplete))
    const outcome = await analyseLog({ bytes }).then(
      ({ corrections, log }) => compare(corrections, isComplete ? errors : hideUnmeasured(part, errors), log.cylinders),
      (error: { statusCode?: number, code?: string }) => error.statusCode === undefined ? String(error) : error.code
    )
    outcomes.set(outcome ?? '', (outcomes.get(outcome ?? '') ?? 0) + 1)
    if (!/^(the grid|DYNOAI_ERR_LOG_\w+)$/.test(outcome ?? '')) {
      t.fail(`log ${number}: ${outcome}`, { log: bytes.subarray(0, 2000).toString('latin1').replaceAll('\0', '') })
    }
  }
  t.comment(JSON.stringify(Object.fromEntries(outcomes)))
  t.ok((outcomes.get('the grid') ?? 0) > COUNT / 4, 'enough logs are read')
})

function compare (
  corrections: ReadonlyArray<readonly number[]>,
  errors: ReadonlyArray<ReadonlyArray<number | undefined>>,
  cylinders: readonly Cylinder[]
): string {
  const expected = expectedOf(errors, cylinders).corrections
  const differences = corrections.flatMap((row, index) => row.map((percent, column) =>
    Math.abs(percent - (expected[index]?.[column] ?? NaN))))
  return differences.every(difference => difference <= TOLERANCE_PERCENT) ? 'the grid' : 'another grid'
}

/** Cells of which the log has no row have no error. */
function hideUnmeasured (
  rows: ReturnType<typeof createTruth>['rows'], errors: ReturnType<typeof createTruth>['errors']
): ReturnType<typeof createTruth>['errors'] {
  const measured = new Set(rows.filter(({ rpm }) => rpm >= 400).map(({ cell }) => cell))
  return errors.map((row, index) => row.map((error, column) => measured.has(`${index}/${column}`) ? error : undefined))
}
