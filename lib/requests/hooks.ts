import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ABORTED, UPGRADED } from './labels.js'
import type { MeasuredRoute, RequestRecorder } from './recorder.js'
import { readRouteConfig } from './route-config.js'

// The state of a request stands on the request: declared with `decorateRequest` it keeps the object's shape, where a
// `WeakMap.set` per request would be the slow way.
const kRoute = Symbol('dynoai-metrics.route')
const kReply = Symbol('dynoai-metrics.reply')
const kFailed = Symbol('dynoai-metrics.failed')

interface Tracked {
  /** `null` until our `onRequest` has run, the route while the request is in flight, then `ENDED`. */
  [kRoute]: MeasuredRoute | null
  /** For `onRequestAbort`, which gets none. */
  [kReply]: FastifyReply | null
  /** Whether an error reached `onError`. */
  [kFailed]: boolean
}

type TrackedRequest = FastifyRequest & Tracked

// Counts nothing, so that a request which has ended cannot end again.
const ENDED: MeasuredRoute = Object.freeze({ path: '', counted: false, analysis: undefined, byMethod: new Map() })

/**
 * Follows every request of the instance to its one end: `onResponse`, `onRequestAbort`, or the close of an upgraded
 * socket, whichever comes first. An earlier hook that replies skips our `onRequest`, so each of them also takes a
 * request that it sees for the first time.
 */
export function addRequestHooks (fastify: FastifyInstance, recorder: RequestRecorder): void {
  function trackRequest (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const tracked = request as TrackedRequest
    // Its client may have left while an earlier hook was at work.
    if (tracked[kRoute] === null) {
      if ('upgrade' in request.raw && request.raw.upgrade === true) {
        trackUpgrade(tracked, reply)
      } else {
        const route = recorder.routeOf(request)
        tracked[kRoute] = route
        tracked[kReply] = reply
        recorder.arrive(route)
      }
    }
    done()
  }

  // Once a socket is upgraded no hook tells of its end, and a rejected upgrade is an ordinary response.
  function trackUpgrade (request: TrackedRequest, reply: FastifyReply): void {
    request.raw.socket.once('close', function countUpgrade () {
      end(request, UPGRADED, reply.elapsedTime)
    })
  }

  function markFailed (request: FastifyRequest, _reply: FastifyReply, _error: FastifyError, done: () => void): void {
    (request as TrackedRequest)[kFailed] = true
    done()
  }

  function countResponse (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    end(request as TrackedRequest, reply.statusCode, reply.elapsedTime)
    done()
  }

  function countAbortedRequest (request: FastifyRequest, done: () => void): void {
    const tracked = request as TrackedRequest
    // A client that leaves during an earlier hook is seen here first: nothing tells how long it stayed.
    end(tracked, ABORTED, tracked[kReply]?.elapsedTime ?? 0)
    done()
  }

  function end (request: TrackedRequest, status: number, milliseconds: number): void {
    const arrived = request[kRoute]
    if (arrived !== null) recorder.leave(arrived)
    recorder.record(arrived ?? recorder.routeOf(request), request.method, status, milliseconds, request[kFailed])
    request[kRoute] = ENDED
    request[kReply] = null
  }

  fastify.decorateRequest(kRoute, null)
  fastify.decorateRequest(kReply, null)
  fastify.decorateRequest(kFailed, false)
  fastify.addHook('onRoute', function checkRouteConfig ({ url, config }) { readRouteConfig(url, config?.metrics) })
  fastify.addHook('onRequest', trackRequest)
  fastify.addHook('onError', markFailed)
  fastify.addHook('onResponse', countResponse)
  fastify.addHook('onRequestAbort', countAbortedRequest)
}
