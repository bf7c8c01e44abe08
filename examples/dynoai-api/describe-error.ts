import type { FastifyBaseLogger } from 'fastify'

/** What the user is told of an error. */
export interface ErrorDescription {
  readonly statusCode: number
  /** One sentence. */
  readonly message: string
}

/**
 * Returns what a user may know of an error: its sentence, if the error has an HTTP status. Any other error is a fault
 * of the service, which only its log describes. Both are logged, with different levels.
 */
export function describeError (error: Error, log: Pick<FastifyBaseLogger, 'error' | 'info'>): ErrorDescription {
  const { statusCode } = error as { statusCode?: number }
  if (statusCode !== undefined) {
    log.info(error)
    return { statusCode, message: error.message }
  }
  log.error(error)
  return { statusCode: 500, message: 'Internal error. The log of the service has the details.' }
}
