import type { FastifyReply, FastifyRequest } from 'fastify'
import { connectionOf, onceDisconnected } from '../http/connection.js'
import type { Connection } from '../http/connection.js'
import { streamOf } from '../http/http2.js'

// The requests in flight on one connection form a doubly linked ring: the next request of the last is the first. So any
// of them can be removed in constant time.
const kPrevious = Symbol('dynoai-metrics.previous')
const kNext = Symbol('dynoai-metrics.next')

/** A request with links to the other requests in flight on the same connection. */
export interface InFlightRequest extends FastifyRequest {
  /** Set, as `kNext` is, while the connection has other requests in flight, which is rare. */
  [kPrevious]?: InFlightRequest | null
  [kNext]?: InFlightRequest | null
}

type TrackedConnection = Connection & Record<symbol, InFlightRequest | null | undefined>

/**
 * Tracks the requests in flight of every connection. Requests whose end no hook reports are settled when the next
 * request arrives on their connection, and when the connection closes. There is one listener for every connection,
 * because one for every request would cost as much as all other work of the hooks.
 */
export class RequestsInFlight {
  readonly #settle: (request: InFlightRequest, isClosed: boolean) => void
  // The property of a connection with the last of its requests in flight; set when its `close` listener is added. Each
  // instance has another symbol, because several instances may measure scopes of the same server.
  readonly #last = Symbol('dynoai-metrics.last')
  // By Node's request, the requests that `find` has visited. On a connection these are the earliest ones.
  readonly #found = new WeakMap<object, InFlightRequest>()
  // By Node's request, the connections of injected requests.
  readonly #injected = new WeakMap<object, TrackedConnection>()

  /** `settle` must end a request whose response was sent, and every request if its connection has closed. */
  constructor (settle: (request: InFlightRequest, isClosed: boolean) => void) {
    this.#settle = settle
  }

  add (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as TrackedConnection | undefined
    const connection = socket?.[kLast] === undefined ? this.#track(request, reply) : socket
    // The connection still has a request in flight if requests are pipelined, or if an earlier `onResponse` hook has
    // failed or is still pending.
    if (connection[kLast] !== null) {
      this.#settleSent(connection)
      this.#link(request, connection)
    }
    connection[kLast] = request
  }

  remove (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as TrackedConnection | undefined
    // The usual case: few clients pipeline, and few requests are injected or sent over HTTP/2.
    if (socket?.[kLast] === request && !request[kPrevious]) socket[kLast] = null
    else this.#unlink(request, connectionOf(request, reply) as TrackedConnection)
  }

  /**
   * Finds a request by Node's request. Returns `undefined` if it is unknown, and `null` if it is known to be no longer
   * in flight. A request that was found once is still found after
   * it was removed. The amortised time for a request is constant.
   */
  find (raw: InFlightRequest['raw']): InFlightRequest | null | undefined {
    // An HTTP/2 stream and the response of an injected request have only one request.
    const dedicated = streamOf(raw) as TrackedConnection | undefined ?? this.#injected.get(raw)
    const connection = dedicated ?? raw.socket as unknown as TrackedConnection | null | undefined
    const last = connection?.[this.#last]
    for (let request = last; request && !this.#found.has(request.raw); request = request[kPrevious]) {
      this.#found.set(request.raw, request)
    }
    const isRemoved = this.#injected.has(raw) || (dedicated !== undefined && last === null)
    return this.#found.get(raw) ?? (isRemoved ? null : undefined)
  }

  #link (request: InFlightRequest, connection: TrackedConnection): void {
    const last = connection[this.#last]
    // All requests may have been settled.
    if (!last) return
    const first = last[kNext] ?? last
    request[kPrevious] = last
    request[kNext] = first
    last[kNext] = request
    first[kPrevious] = request
  }

  #unlink (request: InFlightRequest, connection: TrackedConnection): void {
    const previous = request[kPrevious] ?? null
    const next = request[kNext] ?? null
    if (connection[this.#last] === request) connection[this.#last] = previous
    if (previous === null || next === null) return
    // Of two requests, the other one has no links then.
    previous[kNext] = previous === next ? null : next
    next[kPrevious] = previous === next ? null : previous
    // An application may keep a reference to the request. It must not keep the others in memory.
    request[kPrevious] = null
    request[kNext] = null
  }

  #track (request: InFlightRequest, reply: FastifyReply): TrackedConnection {
    const connection = connectionOf(request, reply) as TrackedConnection
    connection[this.#last] = null
    if (connection as unknown === reply.raw) this.#injected.set(request.raw, connection)
    onceDisconnected(request, connection, () => {
      this.#settleAll(connection)
      connection[this.#last] = undefined
    })
    return connection
  }

  // Over HTTP/1, responses finish in the order of their requests, so the search ends at the first response that was not
  // sent. The amortised time for a request is constant. If an earlier hook lets one request overtake another, it may be
  // settled only when the requests before it have ended.
  #settleSent (connection: TrackedConnection): void {
    for (let first = this.#first(connection); first !== null;) {
      this.#settle(first, false)
      const next = this.#first(connection)
      if (next === first) return
      first = next
    }
  }

  #settleAll (connection: TrackedConnection): void {
    for (let first = this.#first(connection); first !== null; first = this.#first(connection)) {
      // Unlinked first, so the loop ends even if `settle` does not remove the request.
      this.#unlink(first, connection)
      this.#settle(first, true)
    }
  }

  #first (connection: TrackedConnection): InFlightRequest | null {
    const last = connection[this.#last]
    return last?.[kNext] ?? last ?? null
  }
}
