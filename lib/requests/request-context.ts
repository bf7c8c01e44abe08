import { AsyncResource } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const kContext = Symbol('dynoai-metrics.context')
const kHasLastHooks = Symbol('dynoai-metrics.has-last-hooks')
const kReachedHandler = Symbol('dynoai-metrics.reached-handler')

type Done = () => void

interface ContextualRequest extends FastifyRequest {
  /** The latest captured `AsyncLocalStorage` context of the request. */
  [kContext]?: AsyncResource | null
  /** Set if the last hooks of the route are also hooks of this file. */
  [kHasLastHooks]?: true
  /** Set when the last `preHandler` hook of this file has run. */
  [kReachedHandler]?: true
}

/** Captures the current async context for a request. It replaces the previously captured one. */
export function captureContext (request: ContextualRequest): void {
  request[kContext] = new AsyncResource('dynoai-metrics.request')
}

/**
 * Calls a function in the captured context of a request and releases this context. Calls it in the current context if
 * none was captured.
 */
export function runInContext<This, Args extends unknown[]> (
  request: ContextualRequest, fn: (this: This, ...args: Args) => void, thisArg: This, ...args: Args
): void {
  const context = request[kContext]
  if (!context) return fn.apply(thisArg, args)
  // An application may keep a reference to the request. It must not keep the context in memory.
  request[kContext] = null
  context.runInAsyncScope(fn as (this: This, ...args: unknown[]) => void, thisArg, ...args)
}

/**
 * Adds hooks that capture the context of every request for which `shouldCapture` returns `true`. They capture it as
 * late as possible, because hooks of the application that run after this plugin's hooks may open it. It is not captured
 * again after the handler was called, because a response may be sent from the context of another request.
 */
export function addContextHooks (fastify: FastifyInstance, shouldCapture: (request: FastifyRequest) => boolean): void {
  function captureBeforeBody (request: ContextualRequest, _reply: FastifyReply, _payload: unknown, done: Done): void {
    if (shouldCapture(request)) captureContext(request)
    done()
  }

  function captureLastBeforeBody (request: ContextualRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    request[kHasLastHooks] = true
    captureBeforeBody(request, reply, payload, done)
  }

  function captureBeforeHandler (request: ContextualRequest, _reply: FastifyReply, done: Done): void {
    if (shouldCapture(request)) captureContext(request)
    if (request[kHasLastHooks] === undefined) request[kReachedHandler] = true
    done()
  }

  function captureLastBeforeHandler (request: ContextualRequest, _reply: FastifyReply, done: Done): void {
    if (shouldCapture(request)) captureContext(request)
    request[kReachedHandler] = true
    done()
  }

  // For a response that a hook sends before the handler is called.
  function captureForEarlyResponse (request: ContextualRequest, _reply: FastifyReply, _: unknown, done: Done): void {
    if (request[kReachedHandler] === undefined && shouldCapture(request)) captureContext(request)
    done()
  }

  // For routes that were declared before this plugin, and for requests that match no route.
  fastify.addHook('preParsing', captureBeforeBody)
  fastify.addHook('preHandler', captureBeforeHandler)
  fastify.addHook('onSend', captureForEarlyResponse)
  fastify.addHook('onRoute', function captureAfterHooks (route) {
    if (route.config?.metrics === false) return
    // After the hooks of the instance and of the route.
    route.preParsing = [route.preParsing ?? [], captureLastBeforeBody].flat()
    route.preHandler = [route.preHandler ?? [], captureLastBeforeHandler].flat()
  })
}
