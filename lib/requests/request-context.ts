import { AsyncResource } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const kContext = Symbol('dynoai-metrics.context')
const kHasLastHooks = Symbol('dynoai-metrics.has-last-hooks')
const kReachedHandler = Symbol('dynoai-metrics.reached-handler')

type Done = () => void

interface ContextualRequest extends FastifyRequest {
  /** The `AsyncLocalStorage` context of the request as last captured; set where it is captured at all. */
  [kContext]?: AsyncResource | null
  /** Set where the last hooks of the route are ours, too. */
  [kHasLastHooks]?: true
  /** Set once the `preHandler` hooks have run, as far as ours can tell. */
  [kReachedHandler]?: true
}

/** Captures the async context that runs now as that of a request, in place of what was captured before. */
export function captureContext (request: ContextualRequest): void {
  request[kContext] = new AsyncResource('dynoai-metrics.request')
}

/** Calls a function in the captured context of a request, once; in the current one where none was captured. */
export function runInContext<This, Args extends unknown[]> (
  request: ContextualRequest, fn: (this: This, ...args: Args) => void, self: This, ...args: Args
): void {
  const context = request[kContext]
  if (!context) return fn.apply(self, args)
  // An application may keep the request, which must not keep its context.
  request[kContext] = null
  context.runInAsyncScope(fn as (this: This, ...args: unknown[]) => void, self, ...args)
}

/**
 * Adds hooks that capture the context of every request that `isWanted`, as late as possible: hooks of the application
 * that come after this plugin's may open it. After the handler has begun it is not captured again, since a response may
 * be sent from the context of something else, such as another request.
 */
export function addContextHooks (fastify: FastifyInstance, isWanted: (request: FastifyRequest) => boolean): void {
  function captureBeforeBody (request: ContextualRequest, _reply: FastifyReply, _payload: unknown, done: Done): void {
    if (isWanted(request)) captureContext(request)
    done()
  }

  function captureLastBeforeBody (request: ContextualRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    request[kHasLastHooks] = true
    captureBeforeBody(request, reply, payload, done)
  }

  function captureBeforeHandler (request: ContextualRequest, _reply: FastifyReply, done: Done): void {
    if (isWanted(request)) captureContext(request)
    if (request[kHasLastHooks] === undefined) request[kReachedHandler] = true
    done()
  }

  function captureLastBeforeHandler (request: ContextualRequest, _reply: FastifyReply, done: Done): void {
    if (isWanted(request)) captureContext(request)
    request[kReachedHandler] = true
    done()
  }

  // For the response of a hook that comes before the handler.
  function captureForEarlyResponse (request: ContextualRequest, _reply: FastifyReply, _: unknown, done: Done): void {
    if (request[kReachedHandler] === undefined && isWanted(request)) captureContext(request)
    done()
  }

  // For routes that were declared before this plugin, and for requests that match none.
  fastify.addHook('preParsing', captureBeforeBody)
  fastify.addHook('preHandler', captureBeforeHandler)
  fastify.addHook('onSend', captureForEarlyResponse)
  fastify.addHook('onRoute', function captureAfterHooks (route) {
    if (route.config?.metrics === false) return
    // After the hooks of the instance and the route's own.
    route.preParsing = [route.preParsing ?? [], captureLastBeforeBody].flat()
    route.preHandler = [route.preHandler ?? [], captureLastBeforeHandler].flat()
  })
}
