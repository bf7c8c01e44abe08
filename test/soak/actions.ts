import { BOUNDARY, filePart, formBody } from '../fixtures/multipart-client.js'
import type { Random } from '../fixtures/random.js'
import type { Request } from './clients.js'
import { HOSTILE_TEXTS, exposedText } from './hostile-texts.js'
import { keyOf } from './keys.js'
import { exactly, upTo } from './ledger.js'
import type { Count } from './ledger.js'

/** One or more requests that a client sends at once. */
export interface Action {
  readonly name: string
  readonly sent: readonly SentRequest[]
  /** Whether the client disconnects after the first bytes of the response. */
  readonly isAborted: boolean
}

/** A request, and what it must add to the metrics. */
export interface SentRequest extends Request {
  /** The status that is counted. The client of an aborted request does not receive it. */
  readonly status: number
  readonly counts: readonly Count[]
  /** What it may add instead, if its worker ends meanwhile. */
  readonly interruptedCounts: readonly Count[]
}

/** The status of a request whose connection was closed before its response was complete. */
const CLOSED = 499

const SCANNED = [
  '/.env', '/wp-login.php?user=admin', '/%2e%2e/%2e%2e/etc/passwd', '/cgi-bin/x?a=$(id)', '//', '/a'.repeat(200),
  '/items', '/items/1/2', '/WHO', '/__unmatched__', '/metrics/x', '/%F0%9F%8F%8D'
]
const SCANNED_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']

/** What a request adds to the request metrics. */
export function countsOf (method: string, path: string, status: number): Count[] {
  return [
    exactly(keyOf('dynoai_request_duration_seconds_count', { method, path, status: String(status) })),
    exactly(keyOf('dynoai_requests_total', { method, status: String(status) }))
  ]
}

interface Parts extends Partial<SentRequest> {
  /** The template of the route. */
  readonly path?: string
}

function completed (method: string, url: string, status: number, parts: Parts = {}): SentRequest {
  const { path = url, counts = [], ...request } = parts
  return {
    method,
    url,
    status,
    interruptedCounts: countsOf(method, path, CLOSED),
    ...request,
    counts: [...countsOf(method, path, status), ...counts]
  }
}

/** The first request of each connection. */
export const WHO: SentRequest = completed('GET', '/who', 200, { counts: [upTo(keyOf('soak_foreign_total'))] })

const failed = (method: string, path: string): Count[] =>
  [exactly(keyOf('dynoai_request_exceptions_total', { method, path }))]

/** A client sends its name in a header that becomes a label: one of few, or a new one each time. */
function agentOf (random: Random): string {
  return random.float() < 0.8 ? `agent-${random.integer(0, 9)}` : `agent-${random.integer(0, 1e9)}`
}

const ok = (random: Random): SentRequest => {
  return completed('GET', `/items/${random.integer(0, 99)}`, 200, {
    path: '/items/:id', headers: { 'x-agent': agentOf(random) }
  })
}

function scan (random: Random): SentRequest {
  return completed(random.pick(SCANNED_METHODS), random.pick(SCANNED), 404, { path: '__unmatched__' })
}

/** Fastify answers bad percent-encoding without a hook, so it is not counted. */
const uncounted: SentRequest = {
  method: 'GET', url: '/items/%zz', status: 400, counts: [], interruptedCounts: []
}

function hostile (random: Random): SentRequest {
  const index = random.integer(0, HOSTILE_TEXTS.length - 1)
  const text = exposedText(HOSTILE_TEXTS[index] ?? '')
  return completed('GET', `/hostile/${index}`, 200, {
    path: '/hostile/:index',
    headers: { 'x-agent': agentOf(random) },
    counts: [exactly(keyOf('dynoai_hostile_total', { text })), exactly(keyOf('dynoai_explosive_total'))]
  })
}

function analysis (random: Random): SentRequest {
  const [source, status] = [random.pick(['upload', 'jetstream', 'simulator']), random.pick(['success', 'error'])]
  const code = status === 'success' ? 200 : 500
  return completed('POST', `/analyze/${source}/${status}`, code, {
    path: '/analyze/:source/:status',
    counts: [
      exactly(keyOf('dynoai_analysis_total', { source, status })),
      exactly(keyOf('dynoai_analysis_duration_seconds_count', { source, status })),
      ...code === 500 ? failed('POST', '/analyze/:source/:status') : []
    ]
  })
}

const UPLOAD = { headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } }

function upload (random: Random): SentRequest {
  const bytes = random.integer(0, 200_000)
  return completed('POST', '/upload', 200, {
    ...UPLOAD,
    body: formBody([filePart(bytes)]).toString('latin1'),
    counts: [
      exactly(keyOf('dynoai_file_upload_bytes_count')), exactly(keyOf('dynoai_file_upload_bytes_sum'), bytes)
    ]
  })
}

function partialUpload (random: Random): SentRequest {
  const bytes = random.integer(1, 50_000)
  return completed('POST', '/upload', CLOSED, {
    ...UPLOAD,
    body: formBody([filePart(bytes)], { closed: false }).toString('latin1'),
    unsent: 10_000,
    counts: [exactly(keyOf('dynoai_file_upload_bytes_count')), upTo(keyOf('dynoai_file_upload_bytes_sum'), bytes)]
  })
}

const aborted = (url: string): SentRequest => completed('GET', url, CLOSED)

const several = (random: Random, count: number, create: (random: Random) => SentRequest): SentRequest[] =>
  Array.from({ length: count }, () => create(random))

type Create = (random: Random) => Omit<Action, 'name'>

const sends = (create: (random: Random) => SentRequest): Create =>
  random => ({ sent: [create(random)], isAborted: false })
const aborts = (create: (random: Random) => SentRequest): Create =>
  random => ({ sent: [create(random)], isAborted: true })

/** The actions, each with how often it happens compared with the others. */
const ACTIONS: ReadonlyArray<readonly [name: string, weight: number, create: Create]> = [
  ['a request', 30, sends(ok)],
  ['pipelined requests', 10, random => ({ sent: several(random, random.integer(2, 20), ok), isAborted: false })],
  ['a scan', 15, sends(scan)],
  ['a request that is not counted', 2, sends(() => uncounted)],
  ['a hostile label', 15, sends(hostile)],
  ['an error', 8, sends(() => completed('GET', '/fails', 500, { counts: failed('GET', '/fails') }))],
  ['a body', 8, sends(random => completed('POST', '/echo', 201, { body: 'x'.repeat(random.integer(1, 5000)) }))],
  ['an analysis', 8, sends(analysis)],
  ['an upload', 5, sends(upload)],
  ['an upload that is aborted', 3, aborts(partialUpload)],
  ['an abort before the response', 4, aborts(() => aborted('/open'))],
  ['an abort within the response', 4, aborts(() => aborted('/stream'))]
]
const TOTAL_WEIGHT = ACTIONS.reduce((sum, [, weight]) => sum + weight, 0)

/** What a client does next. */
export function nextAction (random: Random): Action {
  let rest = random.float() * TOTAL_WEIGHT
  const [name, , create] = ACTIONS.find(([, weight]) => (rest -= weight) < 0) ?? ACTIONS[0]! // there are actions
  return { name, ...create(random) }
}
