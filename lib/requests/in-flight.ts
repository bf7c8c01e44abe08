import type { FastifyReply, FastifyRequest } from 'fastify'
import { connectionOf, onceDisconnected } from '../http/connection.js'
import type { Connection } from '../http/connection.js'
import { streamOf } from '../http/http2.js'

// The requests in flight on one connection form a ring: each has the one before and the one after, and the one after
// the last is the first. So any of them leaves in constant time.
const kPrevious = Symbol('dynoai-metrics.earlier')
const kNext = Symbol('dynoai-metrics.later')

/** A request with its place among those in flight on the same connection. */
export interface InFlightRequest extends FastifyRequest {
  /** Set, like `kLater`, while there are others, which is rare. */
  [kPrevious]?: InFlightRequest | null
  [kNext]?: InFlightRequest | null
}

type TrackedConnection = Connection & Record<symbol, InFlightRequest | null | undefined>

/**
 * Keeps the requests in flight of every connection. Those whose end no hook reports are settled when the connection
 * brings the next request, and when it closes. A listener for every request would cost as much as all the rest, so
 * there is one for every connection.
 */
export class RequestsInFlight {
  readonly #settle: (request: InFlightRequest, closed: boolean) => void
  // Stands on a connection for the last of its requests in flight, once its close is listened to. Not one symbol for
  // all: other instances may measure other scopes of the same server.
  readonly #last = Symbol('dynoai-metrics.last')
  // By Node's request, those that were looked for. On a connection they are the earliest ones.
  readonly #found = new WeakMap<object, InFlightRequest>()
  // Likewise, what an injected request comes over.
  readonly #injected = new WeakMap<object, TrackedConnection>()

  /** `settle` ends a request whose response is finished, or any if its connection has closed. */
  constructor (settle: (request: InFlightRequest, closed: boolean) => void) {
    this.#settle = settle
  }

  add (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as TrackedConnection | undefined
    const connection = socket?.[kLast] === undefined ? this.#track(request, reply) : socket
    // One is left when requests are pipelined, and when an earlier `onResponse` hook has failed or is still at work.
    if (connection[kLast] !== null) {
      this.#settleFinished(connection)
      this.#link(request, connection)
    }
    connection[kLast] = request
  }

  remove (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as TrackedConnection | undefined
    // Nearly always, since few clients pipeline, and most sockets are sockets.
    if (socket?.[kLast] === request && !request[kPrevious]) socket[kLast] = null
    else this.#unlink(request, connectionOf(request, reply) as TrackedConnection)
  }

  /**
   * Finds a request by Node's: `undefined` where it is unknown, `null` where it is known to have left. One that was found
   * before is still found when it has left. Over all requests of a connection it takes constant time for each.
   */
  find (raw: InFlightRequest['raw']): InFlightRequest | null | undefined {
    // Nothing else comes over a stream, nor over the response of an injected request.
    const alone = streamOf(raw) as TrackedConnection | undefined ?? this.#injected.get(raw)
    const connection = alone ?? raw.socket as unknown as TrackedConnection | null | undefined
    const last = connection?.[this.#last]
    for (let request = last; request && !this.#found.has(request.raw); request = request[kPrevious]) {
      this.#found.set(request.raw, request)
    }
    const hasLeft = this.#injected.has(raw) || (alone !== undefined && last === null)
    return this.#found.get(raw) ?? (hasLeft ? null : undefined)
  }

  #link (request: InFlightRequest, connection: TrackedConnection): void {
    const last = connection[this.#last]
    // Settling may have left none.
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
    // Of two, the other is alone then.
    previous[kNext] = previous === next ? null : next
    next[kPrevious] = previous === next ? null : previous
    // An application may keep the request, which must not keep the others.
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

  // Over HTTP/1 responses finish in the order of their requests, so the search ends at the first that is not finished:
  // constant time for each request, over all of them. Where an earlier hook lets a request overtake another, a finished
  // one may be found only when those before it have ended.
  #settleFinished (connection: TrackedConnection): void {
    for (let first = this.#first(connection); first !== null;) {
      this.#settle(first, false)
      const next = this.#first(connection)
      if (next === first) return
      first = next
    }
  }

  #settleAll (connection: TrackedConnection): void {
    for (let first = this.#first(connection); first !== null; first = this.#first(connection)) {
      // First, so that the loop ends whatever `settle` does.
      this.#unlink(first, connection)
      this.#settle(first, true)
    }
  }

  #first (connection: TrackedConnection): InFlightRequest | null {
    const last = connection[this.#last]
    return last?.[kNext] ?? last ?? null
  }
}
