import type { FastifyBaseLogger } from 'fastify'
import { received } from '../errors.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/** What a log line tells: an error, and what else there is. */
export type LogDetails = Readonly<Record<string, unknown>>

/**
 * The application's logger, called so that no failure of it reaches who logs. All logging of this package goes through
 * this, and a failure of the logger ends here: it cannot be logged, and what was to be logged is counted in
 * `metrics_errors_total` or seen in `metrics_scrapes_total` by then.
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
      // Mostly it is an error of the application that cannot be read: its `message` throws when pino asks for it.
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
