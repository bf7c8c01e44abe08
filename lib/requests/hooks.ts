import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasPendingResponse, isFullySent, isUpgrade } from '../http/connection.js'
import { ABORTED, endStatus, sentStatus } from '../http/status.js'
import type { RecordedExceptions } from './exceptions.js'
import { RequestsInFlight } from './in-flight.js'
import type { InFlightRequest } from './in-flight.js'
import { MeasuredRoute } from './measured-route.js'
import { ENDPOINT } from './route-table.js'
import type { RouteTable } from './route-table.js'
import type { OnArrival } from './observer.js'
import type { RequestRecorder } from './recorder.js'
import { addContextHooks, captureContext } from './request-context.js'
import { onceHeadWritten } from './response-head.js'
import { countBodies } from './sizes.js'
import type { BodySizes } from './sizes.js'
import { observeUpgrade } from './upgrade.js'

// The state of a request stands on the request: declared with `decorateRequest` it keeps the object's shape, where a
// `WeakMap.set` per request would be the slow way. What few requests have is not declared: Fastify sets every declared
// property one by one when it makes a request, which costs more than the hooks do with it.
const kRoute = Symbol('dynoai-metrics.route')
const kReply = Symbol('dynoai-metrics.reply')
const kFailed = Symbol('dynoai-metrics.failed')
const kSizes = Symbol('dynoai-metrics.sizes')
const kUpgradeRoute = Symbol('dynoai-metrics.upgrade-route')
const kAnalysing = Symbol('dynoai-metrics.analysing')

interface TrackedRequest extends InFlightRequest {
  /**
   * `null` until our `onRequest` has run, the route while the request is in flight, then `ENDED`. It is not there at
   * first in a scope that was registered before this plugin: such a scope has our hooks, but not what we declare.
   */
  [kRoute]?: MeasuredRoute | null
  /** For `onRequestAbort`, which gets none. */
  [kReply]?: FastifyReply | null
  /** Set when an error reached `onError`. */
  [kFailed]?: true
  /** Set where sizes are measured. */
  [kSizes]?: BodySizes
  /** The route of an upgrade, which is not in flight. */
  [kUpgradeRoute]?: MeasuredRoute
  /** Set where its analysis has begun: that of a request which an earlier hook answers never does. */
  [kAnalysing]?: true
}

// A request has it that has ended, and so cannot end again.
const ENDED = MeasuredRoute.uncounted()

function isNew (request: TrackedRequest): boolean {
  return request[kRoute] === null || request[kRoute] === undefined
}

function mayBeCounted (request: TrackedRequest): boolean {
  return request[kRoute]?.counted ?? true
}

/** What the hooks of an instance work with. */
export interface HookOptions {
  readonly routes: RouteTable
  readonly recorder: RequestRecorder
  readonly exceptions: RecordedExceptions
  readonly onArrival: OnArrival | null
  /** Hears of the status of a request that is the endpoint's and matches no route; `null` where there is none. */
  readonly onEndpointResponse: ((status: number) => void) | null
}

/** Records that a request failed, of which `onError` may not hear. */
export type RecordException = (request: unknown) => void

/**
 * Follows every request of the instance to its one end: `onResponse`, `onRequestAbort`, or the end of its connection,
 * whichever comes first. An earlier hook that replies skips our `onRequest`, so each of them also takes a request that
 * it sees for the first time; so does `onError`.
 *
 * The end of the connection is what is left where Fastify runs neither hook: when a client leaves whose body has been
 * read to its end, when one resets a stream of HTTP/2 without an error, and when a hook that was added before ours fails
 * or never ends.
 */
export function addRequestHooks (fastify: FastifyInstance, { routes, recorder, exceptions, onArrival, onEndpointResponse }: HookOptions): RecordException {
  const { measuresSizes, callsApplication } = recorder
  const inFlight = new RequestsInFlight(settle)
  // By Node's request: an upgrade is not in flight, and nothing of Node's says that it has ended.
  const endedUpgrades = new WeakSet<object>()

  function trackRequest (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const tracked = request as TrackedRequest
    // Its client may have left while an earlier hook was at work.
    if (isNew(tracked)) {
      if (isUpgrade(request)) trackUpgrade(tracked, reply)
      else track(tracked, reply)
    }
    done()
  }

  // Apart, since a function with a closure in it allocates 48 B at every call for what the closure may need.
  function trackUpgrade (request: TrackedRequest, reply: FastifyReply): void {
    // It is followed already if it fails later.
    if (request[kUpgradeRoute] !== undefined) return
    const route = routes.of(request)
    request[kUpgradeRoute] = route
    if (callsApplication) captureContext(request)
    const onEnd = (status: number): void => end(request, reply, status)
    observeUpgrade(request, reply, { onEnd, onResponseHead: route.untilHead ? onEnd : undefined })
    if (route.untilHead) endWithHead(request, reply)
  }

  function track (request: TrackedRequest, reply: FastifyReply): void {
    const route = routes.of(request)
    request[kRoute] = route
    request[kReply] = reply
    recorder.arrive(route)
    inFlight.add(request, reply)
    // Here rather than in a hook of its own, which would cost half as much as this one.
    if (onArrival !== null) onArrival(request, reply)
    if (!route.plain) follow(request, reply, route)
  }

  // Apart, like what is rare below: V8 inlines no more than so much into a hook, and what it does not inline allocates 16 B
  // for every number that it is handed.
  function follow (request: TrackedRequest, reply: FastifyReply, route: MeasuredRoute): void {
    if (route.analysis !== undefined) {
      request[kAnalysing] = true
      recorder.beginAnalysis()
    }
    if (measuresSizes && route.counted && !route.untilHead) request[kSizes] = countBodies(request, reply)
    if (callsApplication && route.counted) captureContext(request)
    if (route.untilHead) endWithHead(request, reply)
  }

  function endWithHead (request: TrackedRequest, reply: FastifyReply): void {
    onceHeadWritten(request, reply, status => {
      // Node goes on to answer a request that has ended here.
      inFlight.find(request.raw)
      end(request, reply, status)
    })
  }

  function settle (request: InFlightRequest, closed: boolean): void {
    const reply = (request as TrackedRequest)[kReply] as FastifyReply | null // set when it was tracked
    if (reply !== null && isFullySent(reply.raw)) end(request, reply, sentStatus(reply.raw))
    else if (closed) end(request, reply, ABORTED)
  }

  function markFailed (request: FastifyRequest, reply: FastifyReply, _error: FastifyError, done: () => void): void {
    (request as TrackedRequest)[kFailed] = true
    // Fastify runs no other hook of ours for a request over HTTP/2 whose method Node does not know. A request that an
    // earlier hook failed is new here, too, and is followed from here on.
    trackRequest(request, reply, done)
  }

  function countResponse (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    end(request, reply, endStatus(request, reply))
    done()
  }

  function countAbortedRequest (request: FastifyRequest, done: () => void): void {
    end(request, (request as TrackedRequest)[kReply] ?? null, ABORTED)
    done()
  }

  function end (request: TrackedRequest, reply: FastifyReply | null, status: number): void {
    const arrived = request[kRoute] ?? null
    if (arrived === ENDED) return
    if (arrived !== null && reply !== null) {
      recorder.leave(arrived)
      inFlight.remove(request, reply)
    }
    // First, since a label of the application may end the response.
    request[kRoute] = ENDED
    request[kReply] = null
    if (arrived !== null && arrived.plain && reply !== null && status < 500) recorder.observe(arrived, request.method, status, reply.elapsedTime)
    else record(request, reply, arrived ?? request[kUpgradeRoute] ?? routes.of(request), status)
  }

  function record (request: TrackedRequest, reply: FastifyReply | null, route: MeasuredRoute, status: number): void {
    if (route === ENDPOINT) onEndpointResponse?.(status)
    if (request[kUpgradeRoute] !== undefined) endedUpgrades.add(request.raw)
    if (request[kAnalysing] === true) recorder.endAnalysis()
    recorder.record(route, request, reply, status, hasFailed(request, status), measuresSizes ? request[kSizes] : undefined)
  }

  function hasFailed (request: TrackedRequest, status: number): boolean {
    return request[kFailed] === true || (status >= 500 && exceptions.has(request.raw))
  }

  function hasEnded (given: object, raw: object): boolean {
    const request: Partial<TrackedRequest> = given
    if (given !== raw) return request[kRoute] === ENDED
    if (endedUpgrades.has(raw)) return true
    const found = inFlight.find(raw as FastifyRequest['raw'])
    if (found) return (found as TrackedRequest)[kRoute] === ENDED
    return found === null || !hasPendingResponse(raw as FastifyRequest['raw'])
  }

  fastify.decorateRequest(kRoute, null)
  fastify.decorateRequest(kReply, null)
  fastify.addHook('onRoute', function checkRouteConfig ({ url, config }) { routes.check(url, config?.metrics) })
  fastify.addHook('onRequest', trackRequest)
  fastify.addHook('onError', markFailed)
  fastify.addHook('onResponse', countResponse)
  fastify.addHook('onRequestAbort', countAbortedRequest)
  if (callsApplication) addContextHooks(fastify, mayBeCounted)
  return request => { exceptions.record(request, hasEnded) }
}
