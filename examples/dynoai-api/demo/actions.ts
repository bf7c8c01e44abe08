import { generateLog } from './generate-log.js'
import type { Visitor } from './visitor.js'

/** Something that a visitor of the service does, of one or of several requests. */
export interface Action {
  readonly name: string
  /** How often it is drawn, in proportion to the others. */
  readonly weight: number
  act (visitor: Visitor): Promise<void>
}

/** Pause between two looks at something that is under way, in milliseconds. */
const POLL_MS = 250

async function analyseLog (visitor: Visitor): Promise<void> {
  const delimiter = visitor.pick('delimiter', [',', '\t', ';'])
  const name = delimiter === ',' ? 'dyno-run.csv' : 'winpep.txt'
  const rows = 3600 + Math.floor(8400 * visitor.draw('rows'))
  const content = generateLog({ rows, delimiter, seed: Math.floor(2 ** 31 * visitor.draw('log')) })
  const { status, body } = await visitor.send('POST', '/api/analyze', { file: { name, content } })
  if (status !== 202) return
  visitor.tally.accepted++
  const id = String(body.runId)
  await follow(visitor, '/api/status/:runId', id, ['queued', 'running'])
  await visitor.send('GET', '/api/ve-data/:runId', { id })
}

async function sendBadLog (visitor: Visitor): Promise<void> {
  const log = generateLog({ rows: 50, seed: 1 })
  const file = visitor.pick('mistake', [
    { name: 'holiday.jpg', content: log },
    { name: 'empty.csv', content: '' },
    { name: 'binary.csv', content: '\u0000\u0001\u0002'.repeat(500) },
    { name: 'no-torque.csv', content: log.replace('Torque', 'Mass') },
    { name: 'idle.csv', content: generateLog({ rows: 0 }) },
    undefined
  ])
  await visitor.send('POST', '/api/analyze', { file })
}

async function tune (visitor: Visitor): Promise<void> {
  const json = visitor.pick('engine', [
    { scenario: 'lean', error_percent: 40 },
    { scenario: 'lean', error_percent: 25 },
    { scenario: 'rich', error_percent: 40 },
    { scenario: 'mixed', error_percent: 35 },
    { scenario: 'lean', error_percent: 10, leak_percent: 20 },
    { scenario: 'lean', error_percent: 30, max_iterations: 2 }
  ])
  const { status, body } = await visitor.send('POST', '/api/virtual-tune/start', { json })
  if (status !== 200) return
  visitor.tally.sessions++
  const id = String(body.session_id)
  if (visitor.draw('patience') < 0.25) {
    await visitor.pause(POLL_MS)
    await visitor.send('POST', '/api/virtual-tune/stop/:id', { id })
  }
  await follow(visitor, '/api/virtual-tune/status/:id', id, ['running'])
}

async function followJetstream (visitor: Visitor): Promise<void> {
  await visitor.send('GET', '/api/jetstream/status')
  const { body } = await visitor.send('GET', '/api/jetstream/runs')
  const [run] = body.runs as Array<{ id: string }>
  await visitor.send('GET', '/api/jetstream/runs/:id', { id: run?.id ?? 'none' })
}

async function getLost (visitor: Visitor): Promise<void> {
  const route = visitor.pick('mistake', [
    '/', '/wp-login.php', '/api/status/:runId', '/api/ve-data/:runId', '/api/virtual-tune/status/:id'
  ])
  await visitor.send('GET', route, { id: 'no-such-id' })
}

async function follow (visitor: Visitor, route: string, id: string, underWay: readonly unknown[]): Promise<void> {
  while (underWay.includes((await visitor.send('GET', route, { id })).body.status) && !visitor.isLeaving) {
    await visitor.pause(POLL_MS)
  }
}

/** What visitors do, as often as on a busy day of a tuning shop. */
export const ACTIONS: readonly Action[] = [
  { name: 'checks the health', weight: 30, act: async visitor => { await visitor.send('GET', '/api/health') } },
  { name: 'has a log analysed', weight: 25, act: analyseLog },
  { name: 'sends a bad log', weight: 10, act: sendBadLog },
  { name: 'tunes an engine', weight: 12, act: tune },
  {
    name: 'tunes with a bad configuration',
    weight: 3,
    act: async visitor => { await visitor.send('POST', '/api/virtual-tune/start', { json: { error_percent: 400 } }) }
  },
  { name: 'follows Jetstream', weight: 10, act: followJetstream },
  { name: 'syncs Jetstream', weight: 5, act: async visitor => { await visitor.send('POST', '/api/jetstream/sync') } },
  { name: 'gets lost', weight: 5, act: getLost }
]
