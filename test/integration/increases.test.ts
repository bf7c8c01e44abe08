import t from 'tap'
import { stringify } from 'yaml'
import { runPromtool } from '../fixtures/integration/promtool.js'
import { extrapolationFactor } from '../fixtures/integration/bounds.js'

/** A counter that increases by 1000 per second and is scraped every second. Times are in milliseconds. */
interface Case {
  readonly samples: number
  readonly first: number
  /** The time from the last sample to the query. */
  readonly late: number
  /** The time from the start of the window to the first sample. */
  readonly early: number
}

/** Returns a promtool test of a condition of the increase. */
const createTest = ({ samples, first, late, early }: Case, condition: string) => {
  const duration = (samples - 1) * 1000
  return {
    interval: '1s',
    input_series: [{ series: 'counted_total', values: `${first}+1000x${samples - 1} _x10` }],
    promql_expr_test: [{
      expr: `increase(counted_total[${early + duration + late}ms]) ${condition}`,
      eval_time: `${duration + late}ms`,
      exp_samples: [{ labels: '{}', value: 1 }]
    }]
  }
}

/** Returns the highest increase that Prometheus may compute. */
const maxIncrease = ({ samples }: Case): number => (samples - 1) * 1000 * extrapolationFactor(samples)

t.test('Prometheus extrapolates increases by at most the extrapolation factor, and almost reaches it', async t => {
  // Below 1.1 intervals, Prometheus extrapolates to zero and to the edges. Above, it extrapolates by half an interval.
  const times = [1, 500, 1090, 1110, 300_000]
  const cases = [2, 5, 26].flatMap(samples => [0, 500, 1090, 1110, 50_000].flatMap(first =>
    times.flatMap(late => times.map(early => ({ samples, first, late, early })))))
  const worst = cases.filter(({ first, late, early }) => first === 50_000 && late === 1090 && early === 1090)
  const dir = t.testdir({
    'none.yml': stringify({ groups: [] }),
    'tests.yml': stringify({
      rule_files: ['none.yml'],
      evaluation_interval: '1s',
      tests: [
        ...cases.map(each => createTest(each, `<= bool ${maxIncrease(each)}`)),
        ...worst.map(each => createTest(each, `> bool ${maxIncrease(each) * 0.99}`))
      ]
    })
  })
  t.equal(worst.length, 3)
  t.equal(await runPromtool('test', 'rules', `${dir}/tests.yml`), '')
})
