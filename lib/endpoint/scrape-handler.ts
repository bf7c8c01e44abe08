import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Encoder } from '../exposition/encoder.js'
import type { Exposition } from '../exposition/exposition.js'
import { negotiateFormat, wantsGzip } from '../exposition/negotiate.js'
import { isResponseEnded } from '../http/response-end.js'
import type { ResolvedEndpoint } from '../options/options.js'
import type { SafeLog } from '../registry/safe-log.js'
import { now } from '../util/native-timers.js'
import { createAuth } from './auth.js'
import type { Auth } from './auth.js'
import { ResponseSink } from './response-sink.js'
import type { ScrapeMetrics } from './scrape-metrics.js'

/** After how many seconds a scraper should try again if there were too many scrapes. */
const RETRY_AFTER = 1

/** The format and the headers of the response to a scrape. */
interface Representation {
  readonly encoder: Encoder
  readonly headers: OutgoingHttpHeaders
  readonly gzip: boolean
}

/** The settings of a scrape handler. */
export interface ScrapeHandlerOptions {
  readonly exposition: Exposition
  readonly metrics: ScrapeMetrics
  readonly options: ResolvedEndpoint
  readonly log: SafeLog
}

/** Responds to the requests of the endpoint, on the instance's server or on a separate listener. */
export class ScrapeHandler {
  readonly #exposition: Exposition
  readonly #metrics: ScrapeMetrics
  readonly #options: ResolvedEndpoint
  readonly #auth: Auth | null
  readonly #log: SafeLog
  #scrapesInFlight = 0

  constructor ({ exposition, metrics, options, log }: ScrapeHandlerOptions) {
    this.#exposition = exposition
    this.#metrics = metrics
    this.#options = options
    this.#auth = createAuth(options)
    this.#log = log
  }

  /** Responds to GET and HEAD. */
  async scrape (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (isResponseEnded(request.raw, reply.raw)) {
      // The client disconnected during an earlier hook. Fastify must not respond, either.
      reply.hijack()
      return
    }
    if (this.#auth?.accepts(request.headers.authorization) === false) {
      const headers = { 'www-authenticate': this.#auth.challenges }
      return sendText(reply, { status: 401, headers, body: 'Unauthorized\n' })
    }
    const encoder = negotiateFormat(request.headers.accept)
    const gzip = this.#options.gzip && wantsGzip(request.headers['accept-encoding'])
    const headers: OutgoingHttpHeaders = {
      'content-type': encoder.contentType,
      'cache-control': 'no-store',
      vary: [reply.getHeader('vary') ?? [], 'Accept, Accept-Encoding'].flat().join(', '),
      ...(gzip && { 'content-encoding': 'gzip' })
    }
    if (request.method === 'HEAD') {
      writeHead(reply, 200, headers)
      reply.raw.end()
      return
    }
    if (this.#scrapesInFlight >= this.#options.maxConcurrentScrapes) {
      const headers = { 'retry-after': String(RETRY_AFTER), 'cache-control': 'no-store' }
      return sendText(reply, { status: 503, headers, body: 'Too many scrapes at a time\n' })
    }
    await this.#stream(request, reply, { encoder, headers, gzip })
  }

  /** Rejects any other method. */
  rejectMethod (reply: FastifyReply): void {
    sendText(reply, { status: 405, headers: { allow: 'GET, HEAD' }, body: 'Method Not Allowed\n' })
  }

  async #stream (request: FastifyRequest, reply: FastifyReply, representation: Representation): Promise<void> {
    const { encoder, headers, gzip } = representation
    const start = now()
    const sink = new ResponseSink({
      request: request.raw,
      response: reply.raw,
      gzip,
      // Called with the first chunk: an error before it can still be sent as status 500.
      writeHead: () => { writeHead(reply, 200, headers) }
    })
    this.#scrapesInFlight++
    try {
      const markScraped = await this.#exposition.write(encoder, requestedNames(request.url), sink)
      await sink.end()
      markScraped()
      this.#metrics.recordScrape((now() - start) / 1000)
    } catch (err) {
      if (sink.signal.aborted) { // the scraper has disconnected: the status counts that, so it is not logged
        reply.hijack()
        return
      }
      this.#log.error({ err }, 'a scrape failed')
      // An incomplete response must fail for the scraper, so it does not use half of the metrics as all of them.
      if (sink.hasBegun) sink.disconnect()
      else sendText(reply, { status: 500, headers: {}, body: 'The scrape failed\n' })
    } finally {
      this.#scrapesInFlight--
    }
  }
}

/** The names that a scraper requests with the query parameter `name[]`, which may be repeated; `null` for all. */
function requestedNames (url: string): string[] | null {
  const query = url.indexOf('?')
  const names = query === -1 ? [] : new URLSearchParams(url.slice(query)).getAll('name[]')
  return names.length === 0 ? null : names
}

// Not with Fastify's `send`, which would call the application's `onSend` hooks: these cannot use chunks that are
// overwritten.
function writeHead (reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): void {
  reply.hijack()
  reply.raw.writeHead(status, { ...reply.getHeaders() as OutgoingHttpHeaders, ...headers })
}

/** A response that is not an exposition. */
interface TextResponse {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

function sendText (reply: FastifyReply, { status, headers, body }: TextResponse): void {
  const contentHeaders = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  writeHead(reply, status, { ...contentHeaders, ...headers })
  reply.raw.end(body)
}
