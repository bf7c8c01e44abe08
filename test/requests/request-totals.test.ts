import t from 'tap'
import { requestTotals } from '../../lib/requests/request-totals.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { Family } from '../../lib/series/family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const rules = (names: readonly string[]) => names.map(name => ({ name, listed: [] }))

function createDurations (labels: readonly string[]): HistogramFamily {
  return new HistogramFamily({ name: 'x_seconds', help: 'X', labels: rules(labels), buckets: [1] })
}

function observe (family: HistogramFamily, labelValues: readonly string[], count: number): void {
  const index = family.admit(labelValues)
  for (let i = 0; i < count; i++) family.observeAt(index, i)
}

const { valuesOf } = requestTotals('x_', createDurations(['method', 'path', 'status']))

const totalsOf = (family: Family): Record<string, number> => Object.fromEntries([...valuesOf(family)].flatMap(sample =>
  sample === undefined ? [] : [[Object.values(sample.labels).join(' '), sample.value]]))

t.test('adds up requests by method and status, and can pause while it adds', async t => {
  const durations = createDurations(['method', 'path', 'status'])
  const totals = requestTotals('x_', durations)
  t.equal(totals.name, 'x_requests_total')
  t.equal(totals.source, durations)
  for (let i = 0; i < 600; i++) {
    observe(durations, [i % 2 === 0 ? 'GET' : 'POST', `/${i}`, i % 3 === 0 ? '200' : '404'], 2)
  }
  const values = [...totals.values()]
  t.equal(values.filter(value => value === undefined).length, 2)
  const [first, second] = [totals.values(), totals.values()].map(values => values[Symbol.iterator]())
  first?.next()
  t.strictSame([...{ [Symbol.iterator]: () => second! }], values, 'while another scrape reads') // created above
  t.strictSame(values.filter(value => value !== undefined), [
    { labels: { method: 'GET', status: '200' }, value: 200 },
    { labels: { method: 'POST', status: '404' }, value: 400 },
    { labels: { method: 'GET', status: '404' }, value: 400 },
    { labels: { method: 'POST', status: '200' }, value: 200 }
  ])
})

t.test('adds up another family, whatever the order of its labels is', async t => {
  const durations = createDurations(['tenant', 'status', 'path', 'method'])
  observe(durations, ['a', '200', '/', 'GET'], 1)
  observe(durations, ['b', '200', '/', 'GET'], 2)
  observe(durations, ['b', '500', '/', 'GET'], 4)
  t.strictSame(totalsOf(durations), { 'GET 200': 3, 'GET 500': 4 })
})

t.test('follows the series of a family in which some are removed', async t => {
  const durations = createDurations(['method', 'path', 'status'])
  observe(durations, ['GET', '/', '200'], 1)
  observe(durations, ['PUT', '/', '201'], 2)
  durations.removeSeries(['GET', '/', '200'])
  t.strictSame(totalsOf(durations), { 'PUT 201': 2 })
  observe(durations, ['POST', '/', '202'], 3)
  t.strictSame(totalsOf(durations), { 'PUT 201': 2, 'POST 202': 3 }, 'the index and the ids of the values are reused')
})

t.test('has no totals of a family of another version that cannot have them', async t => {
  const families = [
    createDurations(['method', 'path']), createDurations(['path', 'status']),
    new CounterFamily({ name: 'x_seconds', help: 'X', labels: rules(['method', 'status']) })
  ]
  for (const family of families) {
    family.admit(family.labelNames.map(() => 'a'))
    t.strictSame(totalsOf(family), {})
  }
})
