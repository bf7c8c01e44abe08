import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasPendingResponse, isFullySent, isUpgrade } from '../http/connection.js'
import { ABORTED, endStatus, sentStatus } from '../http/status.js'
import type { RecordedExceptions } from './exceptions.js'
import { RequestsInFlight } from './in-flight.js'
import type { InFlightRequest } from './in-flight.js'
import { MeasuredRoute } from './measured-route.js'
import type { OnArrival } from './observer.js'
import type { RequestRecorder } from './recorder.js'
import { addContextHooks, captureContext } from './request-context.js'
import { onceHeadWritten } from './response-head.js'
import { ENDPOINT } from './route-table.js'
import type { RouteTable } from './route-table.js'
import { countBodies } from './sizes.js'
import type { BodySizes } from './sizes.js'
import { observeUpgrade } from './upgrade.js'

// The state of a request is stored in properties of the request, because a `WeakMap.set` per request is slower.
// `decorateRequest` declares the properties that every request needs, so they do not change the object's shape. The
// others are not declared: Fastify sets every declared property one by one when it creates a request, which costs more
// than the hooks that use it.
const kRoute = Symbol('dynoai-metrics.route')
const kReply = Symbol('dynoai-metrics.reply')
const kFailed = Symbol('dynoai-metrics.failed')
const kSizes = Symbol('dynoai-metrics.sizes')
const kUpgradeRoute = Symbol('dynoai-metrics.upgrade-route')
const kAnalysing = Symbol('dynoai-metrics.analysing')

interface TrackedRequest extends InFlightRequest {
  /**
   * `null` until `trackRequest` has run, the route while the request is in flight, then `ENDED`. At first `undefined`
   * in a scope that was registered before this plugin: such a scope has the hooks, but not the declared properties.
   */
  [kRoute]?: MeasuredRoute | null
  /** For `onRequestAbort`, which gets no reply. */
  [kReply]?: FastifyReply | null
  /** Set when an error reached `onError`. */
  [kFailed]?: true
  /** Set if sizes are measured. */
  [kSizes]?: BodySizes
  /** The route of an upgrade, which is not in flight. */
  [kUpgradeRoute]?: MeasuredRoute
  /** Set when its analysis has begun. The analysis does not begin if an earlier hook responds to the request. */
  [kAnalysing]?: true
}

// The route of a request that has ended, so it cannot end again.
const ENDED = MeasuredRoute.uncounted()

function isNew (request: TrackedRequest): boolean {
  return request[kRoute] === null || request[kRoute] === undefined
}

function canBeCounted (request: TrackedRequest): boolean {
  return request[kRoute]?.isCounted ?? true
}

export interface HookOptions {
  readonly routes: RouteTable
  readonly recorder: RequestRecorder
  readonly exceptions: RecordedExceptions
  readonly onArrival: OnArrival | null
  /** Called with the status of a request for the endpoint that matches no route; `null` without an endpoint. */
  readonly onEndpointResponse: ((status: number) => void) | null
}

/** Records that a request failed with an error that may not reach `onError`. */
export type RecordException = (request: unknown) => void

/**
 * Adds the hooks that track every request of an instance until it ends, and count it once. A request ends with the
 * first of three events: `onResponse`, `onRequestAbort`, or the end of its connection. If an earlier hook sends the
 * response, Fastify skips this plugin's `onRequest`. So the other hooks also accept a request that is not tracked yet.
 *
 * In some cases Fastify calls neither `onResponse` nor `onRequestAbort`, and only the end of the connection is left: a
 * client disconnects after its body was read, a client resets an HTTP/2 stream without an error, or a hook that was
 * added before this plugin's fails or never ends.
 */
export function addRequestHooks (
  fastify: FastifyInstance, { routes, recorder, exceptions, onArrival, onEndpointResponse }: HookOptions
): RecordException {
  const { measuresSizes, callsApplication } = recorder
  const inFlight = new RequestsInFlight(settle)
  // By Node's request. An upgrade is not in flight, and no state of Node shows that it has ended.
  const endedUpgrades = new WeakSet<object>()

  function trackRequest (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const tracked = request as TrackedRequest
    // It has already ended if its client disconnected during an earlier hook.
    if (isNew(tracked)) {
      if (isUpgrade(request)) trackUpgrade(tracked, reply)
      else track(tracked, reply)
    }
    done()
  }

  // A separate function, because a function that contains a closure allocates 48 B for its context at every call.
  function trackUpgrade (request: TrackedRequest, reply: FastifyReply): void {
    // `markFailed` calls this again if the upgrade fails later.
    if (request[kUpgradeRoute] !== undefined) return
    const route = routes.of(request)
    request[kUpgradeRoute] = route
    if (callsApplication) captureContext(request)
    const onEnd = (status: number): void => end(request, reply, status)
    observeUpgrade(request, reply, { onEnd, onResponseHead: route.endsAtHead ? onEnd : undefined })
    if (route.endsAtHead) endAtHead(request, reply)
  }

  function track (request: TrackedRequest, reply: FastifyReply): void {
    const route = routes.of(request)
    request[kRoute] = route
    request[kReply] = reply
    recorder.addInFlight(route)
    inFlight.add(request, reply)
    // Called here, because a separate hook would cost half as much as this one.
    if (onArrival !== null) onArrival(request, reply)
    if (!route.isPlain) trackExtras(request, reply, route)
  }

  // A separate function, as for all rare work below: V8 limits how much code it inlines into a hook. A call that is not
  // inlined allocates 16 B for every number that it passes.
  function trackExtras (request: TrackedRequest, reply: FastifyReply, route: MeasuredRoute): void {
    if (route.analysis !== undefined) {
      request[kAnalysing] = true
      recorder.beginAnalysis()
    }
    if (measuresSizes && route.isCounted && !route.endsAtHead) request[kSizes] = countBodies(request, reply)
    if (callsApplication && route.isCounted) captureContext(request)
    if (route.endsAtHead) endAtHead(request, reply)
  }

  function endAtHead (request: TrackedRequest, reply: FastifyReply): void {
    onceHeadWritten(request, reply, status => {
      // `find` remembers the request for `hasEnded`: to Node, its response is still pending.
      inFlight.find(request.raw)
      end(request, reply, status)
    })
  }

  function settle (request: InFlightRequest, isClosed: boolean): void {
    const reply = (request as TrackedRequest)[kReply] as FastifyReply | null // set by `track`
    if (reply !== null && isFullySent(reply.raw)) end(request, reply, sentStatus(reply.raw))
    else if (isClosed) end(request, reply, ABORTED)
  }

  function markFailed (request: FastifyRequest, reply: FastifyReply, _error: FastifyError, done: () => void): void {
    (request as TrackedRequest)[kFailed] = true
    // For a request over HTTP/2 with a method that Node does not know, Fastify calls only this one of the hooks. A
    // request that failed in an earlier hook is not tracked yet either.
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
    const route = request[kRoute] ?? null
    if (route === ENDED) return
    if (route !== null && reply !== null) {
      recorder.removeInFlight(route)
      inFlight.remove(request, reply)
    }
    // Before the request is recorded, because an application label may end the response.
    request[kRoute] = ENDED
    request[kReply] = null
    if (route !== null && route.isPlain && reply !== null && status < 500) {
      recorder.observe(route, request.method, status, reply.elapsedTime)
    } else record(request, reply, route ?? request[kUpgradeRoute] ?? routes.of(request), status)
  }

  function record (request: TrackedRequest, reply: FastifyReply | null, route: MeasuredRoute, status: number): void {
    if (route === ENDPOINT) onEndpointResponse?.(status)
    if (request[kUpgradeRoute] !== undefined) endedUpgrades.add(request.raw)
    if (request[kAnalysing] === true) recorder.endAnalysis()
    const sizes = measuresSizes ? request[kSizes] : undefined
    recorder.record(route, request, reply, status, hasFailed(request, status), sizes)
  }

  function hasFailed (request: TrackedRequest, status: number): boolean {
    return request[kFailed] === true || (status >= 500 && exceptions.has(request.raw))
  }

  function hasEnded (request: object, raw: object): boolean {
    if (request !== raw) return (request as TrackedRequest)[kRoute] === ENDED
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
  if (callsApplication) addContextHooks(fastify, canBeCounted)
  return request => { exceptions.record(request, hasEnded) }
}
