import t from 'tap'
import { toAnnotations } from '../../../dashboards/preview/src/annotations.js'

const RANGE = { start: 100, end: 200, step: 5 }
const JSON_OF_ALERTS = {
  name: 'Alerts', expr: 'ALERTS', iconColor: 'red', titleFormat: '{{alertname}} fires', textFormat: '{{ job }} {{no}}'
}
const metric = { alertname: 'Down', job: 'dynoai' }

t.test('converts the result of a query to events, as Grafana does', async t => {
  const cases = [
    ['joins values that follow each other', [[100, '1'], [105, '1'], [110, '1']], [[100, 110]]],
    ['separates values after a gap', [[100, '1'], [115, '1'], [120, '1']], [[100, 100], [115, 120]]],
    ['ignores 0', [[100, '1'], [105, '0'], [110, '1']], [[100, 100], [110, 110]]],
    ['has none without values', [], []]
  ] as const
  for (const [name, values, expected] of cases) {
    const found = toAnnotations(JSON_OF_ALERTS, [{ metric, values }], RANGE)
    t.strictSame(found.map(({ time, timeEnd }) => [time / 1000, timeEnd / 1000]), expected, name)
  }
})

t.test('reads the time from the value if the annotation says so, and ignores times that are not shown', async t => {
  const values = [[100, '99000'], [105, '150000'], [110, '150000'], [115, '201000']] as const
  const found = toAnnotations({ ...JSON_OF_ALERTS, useValueForTime: true }, [{ metric, values }], RANGE)
  t.strictSame(found.map(({ time, timeEnd }) => [time, timeEnd]), [[150_000, 150_000]])
})

t.test('fills labels into title and text, and orders the events of all series by time', async t => {
  const series = ['Late', 'Early'].map((alertname, i) => ({
    metric: { ...metric, alertname }, values: [[150 - 10 * i, '1']] as const
  }))
  t.strictSame(toAnnotations(JSON_OF_ALERTS, series, RANGE), [
    { time: 140_000, timeEnd: 140_000, color: 'red', title: 'Early fires', text: 'dynoai ' },
    { time: 150_000, timeEnd: 150_000, color: 'red', title: 'Late fires', text: 'dynoai ' }
  ])
  const withoutTexts = { name: '', expr: '', iconColor: 'red' }
  t.match(toAnnotations(withoutTexts, series.slice(1), RANGE), [{ title: '', text: '' }])
  t.strictSame(toAnnotations(withoutTexts, [{ metric }], RANGE), [])
})
