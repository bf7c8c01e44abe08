import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { isCompleted } from '../http/connection.js'
import { onceResponseEnded } from '../http/response-end.js'
import { ABORTED, sentStatus } from '../http/status.js'

/** Hooks of a route or an instance. */
export interface ResponseHooks {
  onRequest (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  onSend (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: HookHandlerDoneFunction): void
  onResponse (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  onRequestAbort (request: FastifyRequest, done: HookHandlerDoneFunction): void
}

/**
 * Hooks that give the status of every answer to `answered`, once for each request that `concerns` accepts. An earlier
 * hook that replies, fails or never ends skips `onRequest`, and one that hijacks skips `onSend`, so each of the hooks
 * takes a request that it sees for the first time.
 */
export function responseHooks (countResponse: (status: number) => void, concerns: (request: FastifyRequest) => boolean): ResponseHooks {
  const seen = new WeakSet<object>()

  function isNew (request: FastifyRequest): boolean {
    if (seen.has(request.raw) || !concerns(request)) return false
    seen.add(request.raw)
    return true
  }

  function track (request: FastifyRequest, reply: FastifyReply): void {
    if (!isNew(request)) return
    onceResponseEnded(request.raw, reply.raw, isComplete => { countResponse(isComplete ? sentStatus(reply.raw) : ABORTED) })
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
      if (isNew(request)) countResponse(isCompleted(request, reply) ? sentStatus(reply.raw) : ABORTED)
      done()
    },
    onRequestAbort: function countAbortedScrape (request, done) {
      if (isNew(request)) countResponse(ABORTED)
      done()
    }
  }
}
