import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { isCompleteAtEnd } from '../http/connection.js'
import { onceResponseEnded } from '../http/response-end.js'
import { ABORTED, sentStatus } from '../http/status.js'

/** The hooks of a route or an instance. */
export interface ResponseHooks {
  onRequest (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  onSend (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: HookHandlerDoneFunction): void
  onResponse (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  onRequestAbort (request: FastifyRequest, done: HookHandlerDoneFunction): void
}

/**
 * Hooks that call `countResponse` with the status of each response, once for each request that `isEndpointRequest`
 * accepts. An earlier hook that replies, fails or never ends skips `onRequest`, and one that hijacks skips `onSend`. So
 * each of the hooks handles a request that the others have not seen.
 */
export function responseHooks (
  countScrapeResponse: (status: number) => void,
  isEndpointRequest: (request: FastifyRequest) => boolean
): ResponseHooks {
  const seenRequests = new WeakSet<object>()

  /** Returns whether a request is to be counted and no hook has seen it. Marks it as seen. */
  function claim (request: FastifyRequest): boolean {
    if (seenRequests.has(request.raw) || !isEndpointRequest(request)) return false
    seenRequests.add(request.raw)
    return true
  }

  function track (request: FastifyRequest, reply: FastifyReply): void {
    if (!claim(request)) return
    onceResponseEnded(request.raw, reply.raw, isComplete => {
      countScrapeResponse(isComplete ? sentStatus(reply.raw) : ABORTED)
    })
  }

  return {
    onRequest: function trackScrape (request, reply, done) {
      track(request, reply)
      done()
    },
    onSend: function trackEarlyResponse (request, reply, _payload, done) {
      track(request, reply)
      done()
    },
    onResponse: function countHijackedResponse (request, reply, done) {
      if (claim(request)) countScrapeResponse(isCompleteAtEnd(request, reply) ? sentStatus(reply.raw) : ABORTED)
      done()
    },
    onRequestAbort: function countAbortedScrape (request, done) {
      if (claim(request)) countScrapeResponse(ABORTED)
      done()
    }
  }
}
