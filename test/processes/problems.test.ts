import t from 'tap'
import { Problems } from '../../lib/processes/problems.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import type { CounterFamily } from '../../lib/series/counter-family.js'

function createProblems (): { problems: Problems, counts: () => Record<string, number>, lines: unknown[][] } {
  const lines: unknown[][] = []
  const metricErrors = new MetricErrors('', new SafeLog({
    info () {}, error () {}, warn (...args: unknown[]) { lines.push(args) }
  } as never))
  const problems = new Problems(metricErrors)
  const family = pluginMetricOf(metricErrors.metrics[0]!) as CounterFamily
  const counts = (): Record<string, number> => Object.fromEntries([...family.table.indices()].map(index =>
    [family.table.labelValueAt(index, 0), family.valueAt(index)]))
  return { problems, counts, lines }
}

t.test('counts each problem, and logs the first of each kind', async t => {
  const { problems, counts, lines } = createProblems()
  t.strictSame(counts(), { processes: 0 })
  for (const kind of ['write', 'read', 'write', 'read', 'read'] as const) problems.report(kind, new Error(kind))
  t.strictSame(counts(), { processes: 5 })
  t.match(lines, [
    [{ metric: 'processes', err: { message: 'write' } }, /^the metrics of this process were not written/],
    [{ metric: 'processes', err: { message: 'read' } }, /^metrics of a process were left out/]
  ])
  t.equal(lines.length, 2)
})

t.test('counts a conflict once, under the name of the metric', async t => {
  const { problems, counts, lines } = createProblems()
  for (let i = 0; i < 3; i++) {
    problems.reportConflict({ slot: 1, name: 'a', isInherited: false })
    problems.reportConflict({ slot: 1, name: 'a', isInherited: true })
    problems.reportConflict({ slot: 2, name: 'a', isInherited: false })
    problems.reportConflict({ slot: 1, name: 'b', isInherited: false })
  }
  t.strictSame(counts(), { processes: 0, a: 3, b: 1 })
  t.match(lines, [[{ err: { message: /^The values of 'a' in the slot 1 / } }], [{ metric: 'b' }]])
})

t.test('knows a bounded number of conflicts', async t => {
  const { problems, counts } = createProblems()
  for (let slot = 0; slot <= 10_000; slot++) problems.reportConflict({ slot, name: 'a', isInherited: false })
  problems.reportConflict({ slot: 0, name: 'a', isInherited: false })
  t.match(counts(), { a: 10_002 })
})

t.test('reports that a promise rejects', async t => {
  const { problems, counts } = createProblems()
  await problems.reportRejection('cleanup', Promise.resolve())
  t.match(counts(), { processes: 0 })
  await problems.reportRejection('cleanup', Promise.reject(new Error('fails')))
  t.match(counts(), { processes: 1 })
})
