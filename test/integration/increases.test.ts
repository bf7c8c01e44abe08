import t from 'tap'
import { stringify } from 'yaml'
import { complaints } from '../fixtures/integration/promtool.js'
import { inflation } from '../fixtures/integration/truth.js'

/** A counter scraped once a second, which goes up by 1000 in each and is not scraped any more for `late` ms. */
interface Counted {
  readonly samples: number
  readonly first: number
  readonly late: number
}

/** A test of promtool that this is true of the increase over 5 minutes. */
const asTest = ({ samples, first, late }: Counted, isTrue: string) => ({
  interval: '1s',
  input_series: [{ series: 'counted_total', values: `${first}+1000x${samples - 1} _x10` }],
  promql_expr_test: [{
    expr: `increase(counted_total[5m]) ${isTrue}`,
    eval_time: `${(samples - 1) * 1000 + late}ms`,
    exp_samples: [{ labels: '{}', value: 1 }]
  }]
})

/** The most that Prometheus may make of what has been counted. */
const most = ({ samples }: Counted): number => (samples - 1) * 1000 * inflation(samples)

t.test('Prometheus makes no more of an increase than its samples allow, and not much less', async t => {
  // Just below 1.1 intervals, Prometheus goes on to zero and to the end; above, half an interval.
  const counted = [2, 5, 26].flatMap(samples =>
    [0, 500, 1090, 1110, 50_000].flatMap(first => [0, 500, 1090, 1110, 5000].map(late => ({ samples, first, late }))))
  const worst = counted.filter(({ first, late }) => first === 1090 && late === 1090)
  const dir = t.testdir({
    'none.yml': stringify({ groups: [] }),
    'tests.yml': stringify({
      rule_files: ['none.yml'],
      evaluation_interval: '1s',
      tests: [
        ...counted.map(counted => asTest(counted, `<= bool ${most(counted)}`)),
        ...worst.map(counted => asTest(counted, `> bool ${most(counted) * 0.99}`))
      ]
    })
  })
  t.equal(worst.length, 3)
  t.equal(await complaints('test', 'rules', `${dir}/tests.yml`), '')
})
