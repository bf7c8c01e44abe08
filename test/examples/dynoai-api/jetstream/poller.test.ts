import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { AnalyseLog } from '../../../../examples/dynoai-api/contracts.js'
import { JetstreamError } from '../../../../examples/dynoai-api/jetstream/client.js'
import { JetstreamPoller } from '../../../../examples/dynoai-api/jetstream/poller.js'
import type { JetstreamRun, RunState } from '../../../../examples/dynoai-api/jetstream/run.js'
import { EMPTY_REPORT } from '../empty-report.js'
import { recordMetricCalls } from '../record-metric-calls.js'

const run = (id: string, state: RunState, updatedAt = '1'): JetstreamRun =>
  ({ id, state, vehicle: 'FXDLS', updated_at: updatedAt })
const newState = (status: RunState) => ['jetstreamRunsTotal', 'inc', { status }]
const pollEnded = (status: 'success' | 'error') => ['jetstreamPollDurationSeconds', 'startTimer ended', { status }]
const unreachable = new JetstreamError('network', 'Jetstream could not be reached.')

/** Creates a poller. Jetstream responds to each list request with the next of `responses`. */
function setUp (t: Test, responses: Array<JetstreamRun[] | Error | Promise<JetstreamRun[]>>) {
  const { calls, metrics } = recordMetricCalls()
  const requests: unknown[] = []
  const analysed: string[] = []
  const warnings: unknown[] = []
  let downloads = async (id: string) => Buffer.from(id)
  let isClosed = false
  const { log } = Fastify()
  const analyse: AnalyseLog = async log => {
    analysed.push('bytes' in log ? String(log.bytes) : log.path)
    return { rpm: [], load: [], corrections: [], correctionsCount: 3, magnitudePercent: 4.5, log: EMPTY_REPORT }
  }
  const poller = new JetstreamPoller({
    client: {
      listRuns: async since => {
        requests.push(since)
        const response = await responses.shift()
        if (response instanceof Error) throw response
        return response ?? []
      },
      downloadLog: id => downloads(id),
      close: () => { isClosed = true }
    },
    metrics,
    analyse,
    log: { ...log, warn: (_: unknown, message?: string) => { warnings.push(message) } },
    intervalMs: 30_000,
    maxRuns: 10
  })
  t.teardown(() => poller.stop())
  return {
    poller,
    requests,
    analysed,
    warnings,
    isClosed: () => isClosed,
    setDownloads: (next: typeof downloads) => { downloads = next },
    takeCalls: () => calls.splice(0).filter(([, method]) => method !== 'startTimer')
  }
}

t.test('counts each state of a run once', async t => {
  const states = ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete'] as const
  const responses = states.flatMap(state => [[run('a', state)], [run('a', state)]])
  const { poller, takeCalls } = setUp(t, responses)

  for (const state of states) {
    t.strictSame(await poller.poll(), state === 'pending' ? ['a'] : [])
    t.strictSame(takeCalls(), [newState(state), pollEnded('success')])
    t.strictSame(await poller.poll(), [])
    t.strictSame(takeCalls(), [pollEnded('success')])
  }
})

t.test('requests runs that changed since the newest known change', async t => {
  const { poller, requests } = setUp(t, [
    [run('a', 'pending', '2'), run('b', 'error', '1')], unreachable, [run('c', 'error', '3')]
  ])
  await poller.poll()
  await t.rejects(poller.poll(), unreachable)
  await poller.poll()
  await poller.poll()

  t.strictSame(requests, [undefined, '2', '2', '3'])
})

t.test('polls at once and then at every interval, even after a failure, until it is stopped', async t => {
  t.clock.enter()
  const { poller, requests, takeCalls, warnings, isClosed } = setUp(t, [unreachable, [run('a', 'error')]])
  poller.start()
  t.equal(requests.length, 1)
  await t.rejects(poller.poll(), unreachable, 'the poll in progress')
  t.strictSame(takeCalls(), [pollEnded('error')])
  t.strictSame(warnings, ['polling Jetstream failed'])
  t.strictSame(poller.state, { error: 'Jetstream could not be reached.' })

  t.clock.advance(29_999)
  t.equal(requests.length, 1)
  t.clock.advance(1)
  t.equal(requests.length, 2)
  t.strictSame(await poller.poll(), ['a'])
  t.strictSame(takeCalls(), [newState('error'), pollEnded('success')])
  t.strictSame(poller.state, { lastSuccess: new Date().toISOString() })

  await poller.stop()
  t.clock.advance(300_000)
  t.equal(requests.length, 2)
  t.ok(isClosed())
})

t.test('keeps the time of the last success while polls fail', async t => {
  t.clock.enter()
  const { poller } = setUp(t, [[], unreachable])
  await poller.poll()
  const lastSuccess = new Date().toISOString()
  t.clock.advance(30_000)
  await t.rejects(poller.poll())

  t.strictSame(poller.state, { lastSuccess, error: 'Jetstream could not be reached.' })
})

t.test('returns the result of the poll in progress instead of starting another', async t => {
  t.clock.enter()
  let respond = (_: JetstreamRun[]) => {}
  const { poller, requests, takeCalls } = setUp(t, [new Promise(resolve => { respond = resolve })])
  poller.start()
  const result = poller.poll()
  t.clock.advance(90_000)
  t.equal(requests.length, 1)

  respond([run('a', 'error')])
  t.strictSame(await result, ['a'])
  t.strictSame(takeCalls(), [newState('error'), pollEnded('success')])
  t.clock.advance(30_000)
  t.equal(requests.length, 2)
})

t.test('analyses a complete run once', async t => {
  const { poller, analysed } = setUp(t, [[run('a', 'complete'), run('b', 'processing'), run('c', 'error')], []])
  await poller.poll()
  await poller.poll()
  await poller.analysed()

  t.strictSame(analysed, ['a'])
  t.match(poller.runs.get('a'), { analysis: 'complete', corrections_count: 3, magnitude_percent: 4.5, attempts: 1 })
  t.match(poller.runs.get('b'), { analysis: 'waiting', attempts: 0 })
})

t.test('tries again at the next poll to download a log', async t => {
  const { poller, analysed, warnings, setDownloads } = setUp(t, [[run('a', 'complete')], []])
  setDownloads(async () => { throw unreachable })
  await poller.poll()
  await poller.analysed()
  t.match(poller.runs.get('a'), { analysis: 'waiting', attempts: 1, error: 'Jetstream could not be reached.' })
  t.strictSame(warnings, ['a Jetstream run was not analysed'])

  setDownloads(async () => Buffer.from('log'))
  await poller.poll()
  await poller.analysed()
  t.strictSame(analysed, ['log'])
  t.match(poller.runs.get('a'), { analysis: 'complete', attempts: 2, error: undefined })
})

t.test('waits for the analysis in progress when it is stopped', async t => {
  const { poller, analysed } = setUp(t, [[run('a', 'complete')]])
  await poller.poll()
  await poller.stop()

  t.strictSame(analysed, ['a'])
})
