import t from 'tap'
import { didYouMean } from '../../lib/util/suggest.js'

const KNOWN = [
  'path', 'registry', 'enabled', 'defaultLabels', 'requests.buckets', 'requests.labels', 'requests.sizes',
  'endpoint.bearerToken', 'endpoint.gzip', 'endpoint.listen.port', 'runtimeMetrics.labels',
  'runtimeMetrics.gcDurationBuckets'
]

t.test('proposes the nearest names, and prefers those of the same group', async t => {
  const cases: ReadonlyArray<readonly [given: string, proposed: string]> = [
    ['pth', " (did you mean 'path'?)"],
    ['paths', " (did you mean 'path'?)"],
    ['PATH', " (did you mean 'path'?)"],
    ['Enable', " (did you mean 'enabled'?)"],
    ['register', " (did you mean 'registry'?)"],
    ['buckets', " (did you mean 'requests.buckets'?)"],
    ['labels', " (did you mean 'requests.labels' or 'runtimeMetrics.labels'?)"],
    ['requests.label', " (did you mean 'requests.labels'?)"],
    ['runtimeMetrics.label', " (did you mean 'runtimeMetrics.labels'?)"],
    ['requests.path', " (did you mean 'path'?)"],
    ['endpoint.port', " (did you mean 'endpoint.listen.port'?)"],
    ['token', " (did you mean 'endpoint.bearerToken'?)"],
    ['metricsPath', " (did you mean 'path'?)"],
    ['endpoint.gz', ''],
    ['gzp', " (did you mean 'endpoint.gzip'?)"],
    ['pt', ''],
    ['colour', ''],
    ['', ''],
    ['toString', ''],
    ['__proto__', ''],
    ['x'.repeat(65), ''],
    ['path'.repeat(1_000_000), '']
  ]
  for (const [given, proposed] of cases) t.equal(didYouMean(given, KNOWN), proposed, given.slice(0, 70))
})

t.test('proposes at most three', async t => {
  t.equal(
    didYouMean('label', ['a.label', 'b.label', 'c.label', 'd.label']),
    " (did you mean 'a.label' or 'b.label' or 'c.label'?)"
  )
  t.equal(didYouMean('label', []), '')
})
