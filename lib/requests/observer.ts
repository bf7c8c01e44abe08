import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnalysisLabels } from '../types/index.js'

/** Called when a request has arrived, before its body is read. */
export type OnArrival = (request: FastifyRequest, reply: FastifyReply) => void

/** Measures analyses. The config of a route declares that its requests are analyses. */
export interface AnalysisObserver {
  /** What `config.metrics.analysis` must be, as text for an error. */
  readonly expected: string
  /** Whether a value is valid for `config.metrics.analysis`. */
  isLabels (value: unknown): value is AnalysisLabels
  /** Called when an analysis begins. One call of `end` must follow. */
  begin (): void
  /** Called when an analysis has ended that was counted by `begin`. */
  end (): void
  /** Counts an analysis that has ended, with or without a call of `begin`. It never throws. */
  record (labels: AnalysisLabels, status: 'success' | 'error', seconds: number): void
}
