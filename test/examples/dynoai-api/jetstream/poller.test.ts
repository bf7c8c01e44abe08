import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { AnalyseLog } from '../../../../examples/dynoai-api/contracts.js'
import { JetstreamError } from '../../../../examples/dynoai-api/jetstream/client.js'
import { JetstreamPoller } from '../../../../examples/dynoai-api/jetstream/poller.js'
import type { JetstreamRun, RunState } from '../../../../examples/dynoai-api/jetstream/runs.js'
import { recordedMetrics } from '../recorded-metrics.js'

const run = (id: string, state: RunState, updatedAt = '1'): JetstreamRun =>
  ({ id, state, vehicle: 'FXDLS', updated_at: updatedAt })
const entered = (status: RunState) => ['jetstreamRunsTotal', 'inc', { status }]
const polled = (status: 'success' | 'error') => ['jetstreamPollDurationSeconds', 'startTimer ended', { status }]
const unreachable = new JetstreamError('network', 'Jetstream could not be reached.')

/** A poller of a Jetstream that answers its n-th listing with the n-th of `answers`. */
function setUp (t: Test, answers: Array<JetstreamRun[] | Error | Promise<JetstreamRun[]>>) {
  const { calls, metrics } = recordedMetrics()
  const listings: unknown[] = []
  const analysed: string[] = []
  const warnings: unknown[] = []
  let downloads = async () => Buffer.from('log')
  let closed = false
  const { log } = Fastify()
  const analyse: AnalyseLog = async (_, { filename }) => {
    analysed.push(filename)
    return { rpm: [], load: [], corrections: [], correctionsCount: 3, magnitudePercent: 4.5 }
  }
  const poller = new JetstreamPoller({
    client: {
      listRuns: async since => {
        listings.push(since)
        const answer = await answers.shift()
        if (answer instanceof Error) throw answer
        return answer ?? []
      },
      downloadLog: () => downloads(),
      close: () => { closed = true }
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
    listings,
    analysed,
    warnings,
    isClosed: () => closed,
    setDownloads: (next: typeof downloads) => { downloads = next },
    counted: () => calls.splice(0).filter(([, method]) => method !== 'startTimer')
  }
}

t.test('each state that a run enters is counted once', async t => {
  const states = ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete'] as const
  const answers = states.flatMap(state => [[run('a', state)], [run('a', state)]])
  const { poller, counted } = setUp(t, answers)

  for (const state of states) {
    t.strictSame(await poller.poll(), state === 'pending' ? ['a'] : [])
    t.strictSame(counted(), [entered(state), polled('success')])
    t.strictSame(await poller.poll(), [])
    t.strictSame(counted(), [polled('success')])
  }
})

t.test('asks for what changed since the newest change that it saw', async t => {
  const { poller, listings } = setUp(t, [[run('a', 'pending', '2'), run('b', 'error', '1')], unreachable, [run('c', 'error', '3')]])
  await poller.poll()
  await t.rejects(poller.poll(), unreachable)
  await poller.poll()
  await poller.poll()

  t.strictSame(listings, [undefined, '2', '2', '3'])
})

t.test('polls at once and then at every interval, also after a failure, until stopped', async t => {
  t.clock.enter()
  const { poller, listings, counted, warnings, isClosed } = setUp(t, [unreachable, [run('a', 'error')]])
  poller.start()
  t.equal(listings.length, 1)
  await t.rejects(poller.poll(), unreachable, 'the poll that started')
  t.strictSame(counted(), [polled('error')])
  t.strictSame(warnings, ['polling Jetstream failed'])
  t.strictSame(poller.state, { error: 'Jetstream could not be reached.' })

  t.clock.advance(29_999)
  t.equal(listings.length, 1)
  t.clock.advance(1)
  t.equal(listings.length, 2)
  t.strictSame(await poller.poll(), ['a'])
  t.strictSame(counted(), [entered('error'), polled('success')])
  t.strictSame(poller.state, { lastSuccess: new Date().toISOString() })

  await poller.stop()
  t.clock.advance(300_000)
  t.equal(listings.length, 2)
  t.ok(isClosed())
})

t.test('remembers the last answer while polls fail', async t => {
  t.clock.enter()
  const { poller } = setUp(t, [[], unreachable])
  await poller.poll()
  const lastSuccess = new Date().toISOString()
  t.clock.advance(30_000)
  await t.rejects(poller.poll())

  t.strictSame(poller.state, { lastSuccess, error: 'Jetstream could not be reached.' })
})

t.test('polls never overlap: who asks meanwhile gets the answer of the poll under way', async t => {
  t.clock.enter()
  let answer = (_: JetstreamRun[]) => {}
  const { poller, listings, counted } = setUp(t, [new Promise(resolve => { answer = resolve })])
  poller.start()
  const asked = poller.poll()
  t.clock.advance(90_000)
  t.equal(listings.length, 1)

  answer([run('a', 'error')])
  t.strictSame(await asked, ['a'])
  t.strictSame(counted(), [entered('error'), polled('success')])
  t.clock.advance(30_000)
  t.equal(listings.length, 2)
})

t.test('a complete run is analysed once', async t => {
  const { poller, analysed } = setUp(t, [[run('a', 'complete'), run('b', 'processing'), run('c', 'error')], []])
  await poller.poll()
  await poller.poll()
  await poller.analysed()

  t.strictSame(analysed, ['a.csv'])
  t.match(poller.runs.get('a'), { analysis: 'complete', corrections_count: 3, magnitude_percent: 4.5, attempts: 1 })
  t.match(poller.runs.get('b'), { analysis: 'waiting', attempts: 0 })
})

t.test('a log that cannot be downloaded is asked for again at the next poll', async t => {
  const { poller, analysed, warnings, setDownloads } = setUp(t, [[run('a', 'complete')], []])
  setDownloads(async () => { throw unreachable })
  await poller.poll()
  await poller.analysed()
  t.match(poller.runs.get('a'), { analysis: 'waiting', attempts: 1, error: 'Jetstream could not be reached.' })
  t.strictSame(warnings, ['a Jetstream run was not analysed'])

  setDownloads(async () => Buffer.from('log'))
  await poller.poll()
  await poller.analysed()
  t.strictSame(analysed, ['a.csv'])
  t.match(poller.runs.get('a'), { analysis: 'complete', attempts: 2, error: undefined })
})

t.test('stopping waits for the analysis under way', async t => {
  const { poller, analysed } = setUp(t, [[run('a', 'complete')]])
  await poller.poll()
  await poller.stop()

  t.strictSame(analysed, ['a.csv'])
})
