import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Encoder } from '../exposition/encoder.js'
import type { Exposition } from '../exposition/exposition.js'
import { negotiateFormat, wantsGzip } from '../exposition/negotiate.js'
import { now } from '../exposition/scheduler.js'
import { isResponseEnded } from '../http/response-end.js'
import type { ResolvedEndpoint } from '../options/options.js'
import type { SafeLog } from '../registry/safe-log.js'
import { createAuth } from './auth.js'
import type { Auth } from './auth.js'
import { ResponseSink } from './response-sink.js'
import type { ScrapeMetrics } from './scrape-metrics.js'

/** After how many seconds a scraper that is one too many may come again. */
const RETRY_AFTER = 1

/** How a scrape is answered. */
interface Representation {
  readonly encoder: Encoder
  readonly headers: OutgoingHttpHeaders
  readonly gzip: boolean
}

/** What answers are made with. */
export interface ScrapeHandlerOptions {
  readonly exposition: Exposition
  readonly metrics: ScrapeMetrics
  readonly options: ResolvedEndpoint
  readonly log: SafeLog
}

/** Gives the answers of the endpoint, whichever listener it stands on. */
export class ScrapeHandler {
  readonly #exposition: Exposition
  readonly #metrics: ScrapeMetrics
  readonly #options: ResolvedEndpoint
  readonly #auth: Auth | null
  readonly #log: SafeLog
  #scrapes = 0

  constructor ({ exposition, metrics, options, log }: ScrapeHandlerOptions) {
    this.#exposition = exposition
    this.#metrics = metrics
    this.#options = options
    this.#auth = createAuth(options)
    this.#log = log
  }

  /** Answers GET and HEAD. */
  async scrape (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (isResponseEnded(request.raw, reply.raw)) {
      // Its client left during an earlier hook. Fastify must not answer, either.
      reply.hijack()
      return
    }
    if (this.#auth?.accepts(request.headers.authorization) === false) {
      return send(reply, { status: 401, headers: { 'www-authenticate': this.#auth.challenges }, body: 'Unauthorized\n' })
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
    if (this.#scrapes >= this.#options.maxConcurrentScrapes) {
      const headers = { 'retry-after': String(RETRY_AFTER), 'cache-control': 'no-store' }
      return send(reply, { status: 503, headers, body: 'Too many scrapes at a time\n' })
    }
    await this.#stream(request, reply, { encoder, headers, gzip })
  }

  /** Refuses any other method. */
  refuseMethod (reply: FastifyReply): void {
    send(reply, { status: 405, headers: { allow: 'GET, HEAD' }, body: 'Method Not Allowed\n' })
  }

  async #stream (request: FastifyRequest, reply: FastifyReply, representation: Representation): Promise<void> {
    const { encoder, headers, gzip } = representation
    const start = now()
    // The head comes with the first chunk, so that what fails before it can still be answered as a failure.
    const begin = (): void => { writeHead(reply, 200, headers) }
    const sink = new ResponseSink({ request: request.raw, response: reply.raw, gzip, writeHead: begin })
    this.#scrapes++
    try {
      const notifyShown = await this.#exposition.write(encoder, requestedNames(request.url), sink)
      await sink.end()
      notifyShown()
      this.#metrics.recordScrape((now() - start) / 1000)
    } catch (err) {
      if (sink.signal.aborted) { // the scraper left, which the status says
        reply.hijack()
        return
      }
      this.#log.error({ err }, 'a scrape failed')
      // What is cut off passes for no exposition: half of the metrics must not be taken for all.
      if (sink.hasBegun) sink.disconnect()
      else send(reply, { status: 500, headers: {}, body: 'The scrape failed\n' })
    } finally {
      this.#scrapes--
    }
  }
}

/** The names that a scraper asks for with `name[]`, repeated; `null` for all. */
function requestedNames (url: string): string[] | null {
  const query = url.indexOf('?')
  const names = query === -1 ? [] : new URLSearchParams(url.slice(query)).getAll('name[]')
  return names.length === 0 ? null : names
}

// Past Fastify's `send`, and so past `onSend` hooks of the application: they could not take chunks that are written over.
function writeHead (reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): void {
  reply.hijack()
  reply.raw.writeHead(status, { ...reply.getHeaders() as OutgoingHttpHeaders, ...headers })
}

/** An answer that is no exposition. */
interface ShortResponse {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

function send (reply: FastifyReply, { status, headers, body }: ShortResponse): void {
  writeHead(reply, status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body), ...headers })
  reply.raw.end(body)
}
