import { once } from 'node:events'
import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { HttpConnection } from '../fixtures/scenarios/support/http-connection.js'
import { waitForClose } from '../fixtures/scenarios/support/http2-scenario.js'
import { requestText } from '../fixtures/scenarios/support/scenario.js'

/** A request to the service. */
export interface Request {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** In latin1. */
  readonly body?: string
  /** Bytes of the body that are announced and never sent. */
  readonly unsent?: number
}

/** A connection to one worker. */
export interface Client {
  readonly worker: number
  readonly isOpen: boolean
  /** Sends requests at once, and returns the statuses of the complete responses. Rejects if one is incomplete. */
  send (requests: readonly Request[]): Promise<number[]>
  /** Sends a request, and aborts it after the first bytes of its response. */
  abort (request: Request): Promise<void>
  close (): Promise<void>
}

export const PROTOCOLS = ['HTTP/1', 'HTTP/2'] as const
export type Protocol = typeof PROTOCOLS[number]

/** The header with the id of the worker, in all responses. */
export const WORKER_HEADER = 'x-worker'

/** Connects to the service, and sends a first request, which finds out the worker. */
export async function openClient (protocol: Protocol, origin: string): Promise<Client> {
  return protocol === 'HTTP/1' ? await Http1Client.open(origin) : await Http2Client.open(origin)
}

class Http1Client implements Client {
  readonly worker: number
  readonly #connection: HttpConnection

  private constructor (connection: HttpConnection, worker: number) {
    this.#connection = connection
    this.worker = worker
  }

  static async open (origin: string): Promise<Http1Client> {
    const connection = await HttpConnection.open(origin)
    try {
      connection.send(requestText('GET', '/who'))
      const status = await connection.readResponse()
      return new Http1Client(connection, workerOf(status, /^x-worker: (\d+)\r$/im.exec(connection.head)?.[1]))
    } catch (err) {
      connection.socket.destroy()
      throw err
    }
  }

  get isOpen (): boolean {
    return this.#connection.socket.writable
  }

  async send (requests: readonly Request[]): Promise<number[]> {
    this.#connection.send(requests.map(textOf).join(''))
    const statuses: number[] = []
    for (const { method } of requests) statuses.push(await this.#connection.readResponse(method))
    return statuses
  }

  async abort (request: Request): Promise<void> {
    this.#connection.send(textOf(request))
    await this.#connection.waitForBytes()
    await this.close()
  }

  async close (): Promise<void> {
    await this.#connection.disconnect()
  }
}

function textOf ({ method, url, headers = {}, body, unsent = 0 }: Request): string {
  if (body === undefined) return requestText(method, url, { headers })
  const length = { 'content-type': 'text/plain', 'content-length': String(body.length + unsent) }
  return requestText(method, url, { headers: { ...length, ...headers }, rest: body })
}

class Http2Client implements Client {
  readonly worker: number
  readonly #session: ClientHttp2Session

  private constructor (session: ClientHttp2Session, worker: number) {
    this.#session = session
    this.worker = worker
  }

  static async open (origin: string): Promise<Http2Client> {
    const session = connect(origin, { rejectUnauthorized: false })
    session.on('error', () => {}) // its streams fail
    try {
      const { status, worker } = await exchange(session, { method: 'GET', url: '/who' })
      return new Http2Client(session, workerOf(status, worker))
    } catch (err) {
      session.destroy()
      throw err
    }
  }

  get isOpen (): boolean {
    return !this.#session.closed && !this.#session.destroyed
  }

  async send (requests: readonly Request[]): Promise<number[]> {
    const exchanges = requests.map(async request => (await exchange(this.#session, request)).status)
    // All, also if one fails: no stream may end after its session is closed here.
    const results = await Promise.allSettled(exchanges)
    return results.map(result => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  async abort (request: Request): Promise<void> {
    const stream = startStream(this.#session, request)
    const closed = waitForClose(stream)
    await Promise.race([
      once(stream, 'headers'), once(stream, 'response'),
      closed.then(() => { throw new Error('The stream was closed before its response') })
    ])
    stream.close(8)
    await closed
  }

  async close (): Promise<void> {
    if (this.#session.destroyed) return
    const closed = waitForClose(this.#session)
    this.#session.destroy()
    await closed
  }
}

interface Response {
  readonly status: number
  readonly worker: string | undefined
}

async function exchange (session: ClientHttp2Session, request: Request): Promise<Response> {
  const stream = startStream(session, request)
  let response: Response | undefined
  let isComplete = false
  stream.once('response', headers => {
    response = { status: Number(headers[':status']), worker: String(headers[WORKER_HEADER]) }
  })
  stream.once('end', () => { isComplete = true })
  stream.resume()
  await waitForClose(stream)
  if (response === undefined || !isComplete || stream.rstCode !== 0) throw new Error('The response is not complete')
  return response
}

function startStream (session: ClientHttp2Session, { method, url, headers, body, unsent }: Request): ClientHttp2Stream {
  const type = body !== undefined && { 'content-type': 'text/plain' }
  const stream = session.request(
    { ':method': method, ':path': url, ...type, ...headers }, { endStream: body === undefined }
  )
  stream.on('error', () => {}) // 'close' follows
  if (body !== undefined) {
    if (unsent === undefined) stream.end(body, 'latin1')
    else stream.write(body, 'latin1')
  }
  return stream
}

function workerOf (status: number, worker: string | undefined): number {
  if (status !== 200 || worker === undefined) throw new Error(`The first response of a connection was ${status}`)
  return Number(worker)
}
