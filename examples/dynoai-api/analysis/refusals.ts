import { LOG_SOURCES } from '../contracts.js'
import { REFUSAL_REASONS } from './refusal-reason.js'

/** A metric of the example's own: why logs were not analysed. */
export const REFUSALS = {
  logRefusalsTotal: {
    type: 'counter',
    help: 'Logs that could not be analysed, by reason',
    labels: { source: LOG_SOURCES, reason: REFUSAL_REASONS }
  }
} as const
