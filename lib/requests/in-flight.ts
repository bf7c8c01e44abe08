import type { FastifyReply, FastifyRequest } from 'fastify'
import { connectionOf, onceDisconnected } from '../http/connection.js'
import type { Connection } from '../http/connection.js'

/** Of the requests in flight on the same connection, the one that came before. */
const kEarlier = Symbol('dynoai-metrics.earlier')

/** A request with its place among those in flight. */
export interface InFlightRequest extends FastifyRequest {
  /** Set where there is one, which is rare. */
  [kEarlier]?: InFlightRequest | null
}

type Followed = Connection & Record<symbol, InFlightRequest | null | undefined>

/**
 * Keeps the requests in flight of every connection, so that those of which nobody tells are not forgotten: when the
 * connection is over, and when it brings the next request. A listener for every request would cost as much as all the
 * rest, so there is one for every connection, and a list that runs through the requests themselves.
 */
export class RequestsInFlight {
  readonly #settle: (request: InFlightRequest, closed: boolean) => void
  // Stands on a connection for the last of its requests in flight, once its close is listened to. Not one symbol for
  // all: other instances may measure other scopes of the same server.
  readonly #last = Symbol('dynoai-metrics.last')

  /** `settle` ends a request that has ended without a word, or any if its connection has closed. */
  constructor (settle: (request: InFlightRequest, closed: boolean) => void) {
    this.#settle = settle
  }

  enter (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as Followed | undefined
    const connection = socket?.[kLast] === undefined ? this.#follow(request, reply) : socket
    // One is left when requests are pipelined, and when an earlier `onResponse` hook has failed or is still at work.
    if (connection[kLast] !== null) {
      this.#settleAll(connection, false)
      request[kEarlier] = connection[kLast] ?? null
    }
    connection[kLast] = request
  }

  leave (request: InFlightRequest, reply: FastifyReply): void {
    const kLast = this.#last
    const socket = request.raw.socket as unknown as Followed | undefined
    // Nearly always, since few clients pipeline, and most sockets are sockets.
    if (socket?.[kLast] === request) socket[kLast] = request[kEarlier] ?? null
    else this.#unlink(request, connectionOf(request, reply) as Followed)
  }

  #unlink (request: InFlightRequest, connection: Followed): void {
    let later = connection[this.#last]
    if (later === request) connection[this.#last] = request[kEarlier] ?? null
    while (later && later[kEarlier] !== request) later = later[kEarlier]
    if (later) later[kEarlier] = request[kEarlier] ?? null
  }

  #follow (request: InFlightRequest, reply: FastifyReply): Followed {
    const connection = connectionOf(request, reply) as Followed
    connection[this.#last] = null
    onceDisconnected(request, connection, () => {
      this.#settleAll(connection, true)
      connection[this.#last] = undefined
    })
    return connection
  }

  #settleAll (connection: Followed, closed: boolean): void {
    for (let request = connection[this.#last]; request;) {
      const earlier: InFlightRequest | null = request[kEarlier] ?? null
      this.#settle(request, closed)
      request = earlier
    }
  }
}
