import t from 'tap'
import type { Prometheus, Series } from '../fixtures/integration/prometheus.js'
import { readFired } from './fired.js'

interface Samples {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
  readonly times: readonly number[]
}

/** Reads what fired from a Prometheus that has these samples of `ALERTS`. */
async function read (...all: readonly Samples[]): Promise<object> {
  const series = all.map(({ labels, state, times }) => ({
    metric: { alertname: 'A', severity: 'page', alertstate: state, ...labels },
    values: times.map(time => [time, '1'] as const)
  }))
  const prometheus = { query: async () => series as unknown as Series[] } as unknown as Prometheus
  return Object.fromEntries(await readFired(prometheus, 60))
}

t.test('an alert fires from its first sample to its last, of all instances', async t => {
  t.strictSame(await read(
    { labels: { job: 'a', instance: 'x' }, state: 'firing', times: [12, 13] },
    { labels: { job: 'a', instance: 'y' }, state: 'firing', times: [11, 12, 15] }
  ), {
    a: [{ title: 'A', severity: 'page', pendingAt: undefined, firingAt: 11, firingUntil: 15 }]
  })
})

t.test('it is pending from the begin of the last period before it fires', async t => {
  t.match(await read(
    { labels: { job: 'a' }, state: 'pending', times: [1, 2, 8, 9, 10] },
    { labels: { job: 'a' }, state: 'firing', times: [11] }
  ), { a: [{ pendingAt: 8, firingAt: 11 }] })
})

t.test('an alert that was only pending has not fired', async t => {
  t.strictSame(await read({ labels: { job: 'a' }, state: 'pending', times: [1, 2] }), {})
})

t.test('tells alerts of the same name apart, and those without a job', async t => {
  t.match(await read(
    { labels: { job: 'a', window: '30m' }, state: 'firing', times: [5] },
    { labels: { job: 'a', window: '3h' }, state: 'firing', times: [6] },
    { labels: { long_window: '1h', short_window: '5m' }, state: 'firing', times: [7] }
  ), { a: [{ title: 'A 30m' }, { title: 'A 3h' }], '': [{ title: 'A 1h' }] })
})
