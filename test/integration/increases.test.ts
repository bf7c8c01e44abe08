import t from 'tap'
import { stringify } from 'yaml'
import { runPromtool } from '../fixtures/integration/promtool.js'
import { extrapolationFactor } from '../fixtures/integration/bounds.js'

/** A counter scraped once a second, which goes up by 1000 in each, and what is asked of it; times in milliseconds. */
interface Asked {
  readonly samples: number
  readonly first: number
  /** From the last sample to when it is asked. */
  readonly late: number
  /** From the begin of the window to the first sample. */
  readonly early: number
}

/** A test of promtool that this is true of the increase. */
const asTest = ({ samples, first, late, early }: Asked, isTrue: string) => {
  const lasting = (samples - 1) * 1000
  return {
    interval: '1s',
    input_series: [{ series: 'counted_total', values: `${first}+1000x${samples - 1} _x10` }],
    promql_expr_test: [{
      expr: `increase(counted_total[${early + lasting + late}ms]) ${isTrue}`,
      eval_time: `${lasting + late}ms`,
      exp_samples: [{ labels: '{}', value: 1 }]
    }]
  }
}

/** The most that Prometheus may make of what has been counted. */
const most = ({ samples }: Asked): number => (samples - 1) * 1000 * extrapolationFactor(samples)

t.test('Prometheus makes no more of an increase than its samples allow, and not much less', async t => {
  // Just below 1.1 intervals, Prometheus goes on to zero and to the edges; above, by half an interval.
  const times = [1, 500, 1090, 1110, 300_000]
  const asked = [2, 5, 26].flatMap(samples => [0, 500, 1090, 1110, 50_000].flatMap(first =>
    times.flatMap(late => times.map(early => ({ samples, first, late, early })))))
  const worst = asked.filter(({ first, late, early }) => first === 50_000 && late === 1090 && early === 1090)
  const dir = t.testdir({
    'none.yml': stringify({ groups: [] }),
    'tests.yml': stringify({
      rule_files: ['none.yml'],
      evaluation_interval: '1s',
      tests: [
        ...asked.map(asked => asTest(asked, `<= bool ${most(asked)}`)),
        ...worst.map(asked => asTest(asked, `> bool ${most(asked) * 0.99}`))
      ]
    })
  })
  t.equal(worst.length, 3)
  t.equal(await runPromtool('test', 'rules', `${dir}/tests.yml`), '')
})
