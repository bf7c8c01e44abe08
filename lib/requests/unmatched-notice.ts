import type { FastifyInstance } from 'fastify'
import { UNMATCHED } from '../options/unmatched.js'
import { SafeLog } from '../registry/safe-log.js'
import type { IgnoreRequests } from '../types/index.js'
import { isIgnored } from './ignore.js'

/** The log message if requests that match no route are not counted. */
export const UNMATCHED_NOT_COUNTED = 'dynoai-metrics is registered below the root, and requests that match no route ' +
  '(404) run the hooks of another scope, so they are not counted; to count them, call fastify.setNotFoundHandler() ' +
  'where the plugin is registered, or wrap the function that registers it in fastify-plugin'

/**
 * Logs once, when the application is ready, if requests that match no route do not run the hooks of this instance. The
 * hooks of an encapsulated scope run for them only if the scope has called `setNotFoundHandler`.
 */
export function noticeUnmatched (fastify: FastifyInstance, ignore: IgnoreRequests): void {
  if (isRoot(fastify) || ignoresUnmatched(ignore)) return
  fastify.addHook('onReady', async function noticeUnmatchedRequests () {
    if (runsHooksForUnmatched(fastify)) return
    new SafeLog(fastify.log).info(UNMATCHED_NOT_COUNTED)
  })
}

// Only the root has an own property `server`; scopes inherit it.
function isRoot (fastify: FastifyInstance): boolean {
  return Object.hasOwn(fastify, 'server')
}

// A function is not called here: it must only be called with the routes and methods of requests.
function ignoresUnmatched (ignore: IgnoreRequests): boolean {
  return typeof ignore !== 'function' && isIgnored(ignore, UNMATCHED, '')
}

/**
 * Whether requests below the prefix of an instance that match no route run its hooks. Fastify stores this only in the
 * context of the not-found handler, under a symbol that is not public. Without that symbol the result is `true`, so
 * nothing is logged.
 */
function runsHooksForUnmatched (fastify: FastifyInstance): boolean {
  const server = notFoundContext(fastify)?.server
  return server === undefined || server === fastify || Object.prototype.isPrototypeOf.call(fastify, server)
}

interface NotFoundContext {
  readonly server?: object
}

function notFoundContext (fastify: object): NotFoundContext | undefined {
  let instance: object | null = fastify
  for (; instance !== null; instance = Object.getPrototypeOf(instance) as object | null) {
    const symbols = Object.getOwnPropertySymbols(instance)
    const kContext = symbols.find(({ description }) => description === 'fastify.404ContextKey')
    if (kContext !== undefined) return (instance as Readonly<Record<symbol, NotFoundContext>>)[kContext]
  }
  return undefined
}
