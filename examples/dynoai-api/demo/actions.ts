import { generateLog } from './generate-log.js'
import type { VirtualUser } from './virtual-user.js'

// The keys of `random` and `pick`, such as 'rows', determine the traffic that the integration tests expect.

/** One or more requests that a virtual user sends. */
export interface Action {
  /** How often the action is chosen, relative to the others. */
  readonly weight: number
  run (user: VirtualUser): Promise<void>
}

/** Pause between two requests for the status of a run or of a session, in milliseconds. */
const POLL_INTERVAL_MS = 250

async function checkHealth (user: VirtualUser): Promise<void> {
  await user.send('GET', '/api/health')
}

async function analyseLog (user: VirtualUser): Promise<void> {
  const delimiter = user.pick('delimiter', [',', '\t', ';'])
  const name = delimiter === ',' ? 'dyno-run.csv' : 'winpep.txt'
  const rows = 3600 + Math.floor(8400 * user.random('rows'))
  const content = generateLog({ rows, delimiter, seed: Math.floor(2 ** 31 * user.random('log')) })
  const { status, body } = await user.send('POST', '/api/analyze', { file: { name, content } })
  if (status !== 202) return
  user.tally.acceptedLogs++
  const id = String(body.runId)
  await pollStatus(user, { route: '/api/status/:runId', id, pending: ['queued', 'running'] })
  await user.send('GET', '/api/ve-data/:runId', { id })
}

async function sendBadLog (user: VirtualUser): Promise<void> {
  const log = generateLog({ rows: 50, seed: 1 })
  const file = user.pick('mistake', [
    { name: 'holiday.jpg', content: log },
    { name: 'empty.csv', content: '' },
    { name: 'binary.csv', content: '\u0000\u0001\u0002'.repeat(500) },
    { name: 'no-afr.csv', content: log.replaceAll('AFR_Meas', 'Smoke') },
    { name: 'no-rows.csv', content: generateLog({ rows: 0 }) },
    undefined
  ])
  await user.send('POST', '/api/analyze', { file })
}

async function tuneEngine (user: VirtualUser): Promise<void> {
  const json = user.pick('engine', [
    { scenario: 'lean', error_percent: 40 },
    { scenario: 'lean', error_percent: 25 },
    { scenario: 'rich', error_percent: 40 },
    { scenario: 'mixed', error_percent: 35 },
    { scenario: 'lean', error_percent: 10, leak_percent: 20 },
    { scenario: 'lean', error_percent: 30, max_iterations: 2 }
  ])
  const { status, body } = await user.send('POST', '/api/virtual-tune/start', { json })
  if (status !== 200) return
  user.tally.sessions++
  const id = String(body.session_id)
  if (user.random('patience') < 0.25) {
    await user.pause(POLL_INTERVAL_MS)
    await user.send('POST', '/api/virtual-tune/stop/:id', { id })
  }
  await pollStatus(user, { route: '/api/virtual-tune/status/:id', id, pending: ['running'] })
}

async function sendBadTuningConfig (user: VirtualUser): Promise<void> {
  await user.send('POST', '/api/virtual-tune/start', { json: { error_percent: 400 } })
}

async function readJetstreamRuns (user: VirtualUser): Promise<void> {
  await user.send('GET', '/api/jetstream/status')
  const { body } = await user.send('GET', '/api/jetstream/runs')
  const [run] = body.runs as Array<{ id: string }>
  await user.send('GET', '/api/jetstream/runs/:id', { id: run?.id ?? 'none' })
}

async function syncJetstream (user: VirtualUser): Promise<void> {
  await user.send('POST', '/api/jetstream/sync')
}

async function requestMissingPage (user: VirtualUser): Promise<void> {
  const route = user.pick('mistake', [
    '/', '/wp-login.php', '/api/status/:runId', '/api/ve-data/:runId', '/api/virtual-tune/status/:id'
  ])
  await user.send('GET', route, { id: 'no-such-id' })
}

interface StatusQuery {
  readonly route: string
  readonly id: string
  /** The statuses of a run or a session that has not ended. */
  readonly pending: readonly unknown[]
}

async function pollStatus (user: VirtualUser, { route, id, pending }: StatusQuery): Promise<void> {
  while (pending.includes((await user.send('GET', route, { id })).body.status) && !user.isStopping) {
    await user.pause(POLL_INTERVAL_MS)
  }
}

/** The actions of virtual users, weighted like a busy day of a tuning shop. */
export const ACTIONS: readonly Action[] = [
  { weight: 30, run: checkHealth },
  { weight: 25, run: analyseLog },
  { weight: 10, run: sendBadLog },
  { weight: 12, run: tuneEngine },
  { weight: 3, run: sendBadTuningConfig },
  { weight: 10, run: readJetstreamRuns },
  { weight: 5, run: syncJetstream },
  { weight: 5, run: requestMissingPage }
]
