import { generateLog } from '../../../examples/dynoai-api/demo/generate-log.js'
import { BOUNDARY, formBody } from '../../fixtures/multipart-client.js'
import type { Scenario } from '../scenario.js'
import { request } from '../traffic.js'
import type { Destination, Send } from '../traffic.js'

const GOOD_LOG = generateLog({ rows: 400 })
/** A log of another program, without a column for the mixture. */
const BAD_LOG = 'Time,RPM,MAP_kPa\r\n0,2000,50\r\n'

async function upload (to: Destination, path: string, content: string): Promise<void> {
  const body = formBody([{ name: 'file', filename: 'log.csv', content }]).toString('latin1')
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
  await request(to, path, { method: 'POST', headers, body })
}

/** Uploads logs. A share of them is unreadable once something is broken. */
const uploadLogs = (badShare: number): Send => async to => {
  const isBad = to.isBroken() && Math.random() < badShare
  await upload(to, '/api/analyze', isBad ? BAD_LOG : GOOD_LOG)
}

/** Starts a tuning session, which fails once something is broken: the leak is larger than what it can correct. */
const tune: Send = async to => await startSession(to, to.isBroken() ? 25 : 0)

async function startSession (to: Destination, leak: number): Promise<void> {
  const body = JSON.stringify({ leak_percent: leak })
  const headers = { 'content-type': 'application/json' }
  await request(to, '/api/virtual-tune/start', { method: 'POST', headers, body })
}

/** Sends more logs and sessions than there is space for. */
async function overfill (to: Destination): Promise<void> {
  if (!to.isBroken()) return await request(to, '/api/jetstream/runs')
  const uploads = [1, 2, 3, 4].map(async () => await upload(to, '/api/analyze', GOOD_LOG))
  await Promise.all([...uploads, startSession(to, 0)])
}

const MEGABYTE = 'x'.repeat(2 ** 20)
/** Sends 3 MiB per second for a minute. */
const flood: Send = async to => {
  if (to.isBroken() && to.sinceBroken() < 60) await upload(to, '/', MEGABYTE)
}

const listRuns: Send = async to => await request(to, '/api/jetstream/runs')
const synchronise: Send = async to => await request(to, '/api/jetstream/sync', { method: 'POST' })

/** Outages of what the DynoAI API does. */
export const exampleScenarios: readonly Scenario[] = [
  {
    job: 'most-analyses-fail',
    outage: 'most analyses fail',
    how: '70 % of the uploaded logs have no mixture, one upload per second',
    expected: ['DynoaiAnalysesFailing most'],
    isShort: true,
    services: ['example'],
    traffic: [{ send: listRuns }, { perSecond: 1, send: uploadLogs(0.7) }]
  },
  {
    job: 'few-analyses',
    outage: 'one analysis in 5 minutes, and all fail',
    how: 'every uploaded log has no mixture, one upload in 5 s',
    expected: ['DynoaiAnalysesFailing all'],
    isShort: false,
    services: ['example'],
    traffic: [{ send: listRuns }, { perSecond: 0.2, send: uploadLogs(1) }]
  },
  {
    job: 'tuning-fails',
    outage: 'all tuning sessions fail',
    how: 'a leak that grows faster than it can be corrected, one session in 5 s',
    expected: ['DynoaiTuningFailing'],
    allowed: { 'DynoaiAnalysesFailing all': 'the log of the last pull has mixtures that cannot be analysed' },
    isShort: false,
    services: ['example'],
    traffic: [{ send: listRuns }, { perSecond: 0.2, send: tune }]
  },
  {
    job: 'jetstream-down',
    outage: 'Jetstream is down',
    how: 'it answers 503 to every poll; clients that ask for a poll get 424',
    expected: ['DynoaiJetstreamFailing polls', 'DynoaiJetstreamStale'],
    isShort: true,
    services: ['jetstreamDown'],
    traffic: [{ send: listRuns }, { send: synchronise }]
  },
  {
    job: 'jetstream-hangs',
    outage: 'Jetstream no longer answers',
    how: 'its responses never come',
    expected: ['DynoaiJetstreamStale'],
    isShort: true,
    services: ['jetstreamHangs'],
    traffic: [{ send: listRuns }]
  },
  {
    job: 'runs-fail',
    outage: 'runs on Jetstream end in errors',
    how: 'it reports `error` for all runs that have begun',
    expected: ['DynoaiJetstreamFailing runs'],
    isShort: true,
    services: ['failRuns'],
    traffic: [{ send: listRuns }]
  },
  {
    job: 'flood',
    outage: 'too many uploads',
    how: '3 MiB per second for a minute',
    expected: ['DynoaiUploadsFlooding'],
    isShort: true,
    services: ['receiveUploads'],
    traffic: [{}, { perSecond: 3, send: flood }]
  },
  {
    job: 'full',
    outage: 'the queue is full, and too many sessions run',
    how: 'four uploads and a session at a time, with space for one and two; the rest gets 429',
    expected: [],
    isShort: true,
    services: ['isSmall'],
    traffic: [{ send: listRuns }, { perSecond: 1, send: overfill }],
    responses: { '/api/analyze 429': 1, '/api/virtual-tune/start 429': 1 },
    hasNoTwin: true
  },
  {
    job: 'unhealthy',
    outage: 'a component is unhealthy',
    how: 'a probe gets 503 of `/api/health` twice a second',
    expected: [],
    isShort: true,
    services: ['reportUnhealthy'],
    traffic: [{}, { perSecond: 2, send: async to => await request(to, '/api/health') }],
    responses: { '/api/health 503': 1 },
    hasNoTwin: true
  }
]
