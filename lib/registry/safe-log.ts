import type { FastifyBaseLogger } from 'fastify'
import { received } from '../errors.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/** The properties of a log line, such as `err`. */
export type LogDetails = Readonly<Record<string, unknown>>

/**
 * Calls the application's logger, and swallows its errors. All logging of this package uses this class. An error of the
 * logger cannot be logged, but what should be logged is counted: in `metrics_errors_total` or `metrics_scrapes_total`.
 */
export class SafeLog {
  readonly #log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

  constructor (log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>) {
    this.#log = log
  }

  info (message: string): void {
    this.#write('info', {}, message)
  }

  warn (details: LogDetails, message: string): void {
    this.#write('warn', details, message)
  }

  error (details: LogDetails, message: string): void {
    this.#write('error', details, message)
  }

  #write (level: 'info' | 'warn' | 'error', details: LogDetails, message: string): void {
    try {
      ignoreRejection(this.#log[level](details, message))
    } catch {
      // Usually an error of the application cannot be read: its `message` throws when pino reads it.
      this.#writePlainly(level, details, message)
    }
  }

  #writePlainly (level: 'info' | 'warn' | 'error', details: LogDetails, message: string): void {
    try {
      ignoreRejection(this.#log[level]({ ...details, err: received(details['err']) }, message))
    } catch {
      // The logger itself fails.
    }
  }
}
