import type { FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { redacted } from '../options/rules.js'
import type { SkipRequest } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/**
 * Whether the option `requests.skip` leaves out a request. It never throws: if the function throws or does not return a
 * boolean, `onFailure` is called with the error, and the request is not skipped.
 */
export function isSkipped (skip: SkipRequest, request: FastifyRequest, onFailure: (err: unknown) => void): boolean {
  try {
    const skipped: unknown = skip(request)
    if (typeof skipped === 'boolean') return skipped
    ignoreRejection(skipped)
    // Redacted, because the value may be a header of the request.
    throw new errors.ERR_OPTION('requests.skip', 'a function that returns true or false', redacted(skipped))
  } catch (err) {
    onFailure(err)
    return false
  }
}
