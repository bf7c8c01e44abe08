import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { isCompleted } from '../http/connection.js'
import { onceResponseOver } from '../http/response-end.js'
import { ABORTED, sentStatus } from '../http/status.js'

/** Hooks of a route or an instance. */
export interface AnswerHooks {
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
export function answerHooks (answered: (status: number) => void, concerns: (request: FastifyRequest) => boolean): AnswerHooks {
  const seen = new WeakSet<object>()

  function isNew (request: FastifyRequest): boolean {
    if (seen.has(request.raw) || !concerns(request)) return false
    seen.add(request.raw)
    return true
  }

  function follow (request: FastifyRequest, reply: FastifyReply): void {
    if (!isNew(request)) return
    onceResponseOver(request.raw, reply.raw, isComplete => { answered(isComplete ? sentStatus(reply.raw) : ABORTED) })
  }

  return {
    onRequest: function followScrape (request, reply, done) {
      follow(request, reply)
      done()
    },
    onSend: function followEarlyAnswer (request, reply, _payload, done) {
      follow(request, reply)
      done()
    },
    onResponse: function countHijackedAnswer (request, reply, done) {
      if (isNew(request)) answered(isCompleted(request, reply) ? sentStatus(reply.raw) : ABORTED)
      done()
    },
    onRequestAbort: function countAbortedScrape (request, done) {
      if (isNew(request)) answered(ABORTED)
      done()
    }
  }
}
