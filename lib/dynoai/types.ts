import type { HandlesOf } from '../types/index.js'
import type { dynoaiDefinitions } from './definitions.js'

/** The business metrics of DynoAI. */
export interface DynoaiMetrics extends HandlesOf<typeof dynoaiDefinitions> {}

// As an application adds its own.
declare module '../types/metrics.js' {
  interface BusinessMetrics extends DynoaiMetrics {}
}
