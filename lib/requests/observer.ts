import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnalysisLabels } from '../types/index.js'

/** Looks at a request that has come, before its body is read. */
export type OnArrival = (request: FastifyRequest, reply: FastifyReply) => void

/** Hears of requests that are analyses, as the configuration of their route says. */
export interface AnalysisObserver {
  /** What `config.metrics.analysis` must be, for an error: an object with no more than … */
  readonly expected: string
  /** Whether a value can be `config.metrics.analysis`. */
  isLabels (value: unknown): value is AnalysisLabels
  /** An analysis has begun; it runs until one call of `end`. */
  begin (): void
  end (): void
  /** Counts an analysis that ended, whether it was seen to begin or not; it never throws. */
  record (labels: AnalysisLabels, status: 'success' | 'error', seconds: number): void
}
