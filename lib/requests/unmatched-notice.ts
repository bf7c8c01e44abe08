import type { FastifyInstance } from 'fastify'
import { UNMATCHED } from '../options/unmatched.js'
import { SafeLog } from '../registry/safe-log.js'
import type { IgnoreRequests } from '../types/index.js'
import { isIgnored } from './ignore.js'

/** What is logged where requests that match no route are not counted. */
export const UNMATCHED_NOT_COUNTED = 'dynoai-metrics is registered below the root, and requests that match no route (404) run hooks of another scope, ' +
  'so they are not counted; to count them, call fastify.setNotFoundHandler() where it is registered, or wrap what registers it in fastify-plugin'

/**
 * Logs once, when the application is ready, if requests that match no route do not run the hooks of this instance: those of
 * an encapsulated scope run for them only where the scope has a handler of its own for what is not found.
 */
export function noticeUnmatched (fastify: FastifyInstance, ignore: IgnoreRequests): void {
  if (isRoot(fastify) || leavesOutUnmatched(ignore)) return
  fastify.addHook('onReady', async function noticeUnmatchedRequests () {
    if (servesNotFound(fastify)) return
    new SafeLog(fastify.log).info(UNMATCHED_NOT_COUNTED)
  })
}

// Scopes inherit the server of the root.
function isRoot (fastify: FastifyInstance): boolean {
  return Object.hasOwn(fastify, 'server')
}

// A function is left to be called with the routes and methods that requests have.
function leavesOutUnmatched (ignore: IgnoreRequests): boolean {
  return typeof ignore !== 'function' && isIgnored(ignore, UNMATCHED, '')
}

/**
 * Whether requests below the prefix of an instance that match no route run its hooks. Fastify tells it nowhere but in the
 * context of its handler for them, whose symbol is not public; where that is not found, nothing is said.
 */
function servesNotFound (fastify: FastifyInstance): boolean {
  const server = notFoundContext(fastify)?.server
  return server === undefined || server === fastify || Object.prototype.isPrototypeOf.call(fastify, server)
}

function notFoundContext (fastify: object): { readonly server?: object } | undefined {
  for (let instance: object | null = fastify; instance !== null; instance = Object.getPrototypeOf(instance) as object | null) {
    const symbol = Object.getOwnPropertySymbols(instance).find(({ description }) => description === 'fastify.404ContextKey')
    if (symbol !== undefined) return (instance as { readonly [kContext: symbol]: { readonly server?: object } })[symbol]
  }
  return undefined
}
