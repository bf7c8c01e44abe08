import type { HandlesOf } from '../types/index.js'
import type { dynoaiDefinitions } from './definitions.js'

/** The business metrics of DynoAI. */
export interface DynoaiMetrics extends HandlesOf<typeof dynoaiDefinitions> {}

// In the same way an application adds its metrics.
declare module '../types/metrics.js' {
  interface BusinessMetrics extends DynoaiMetrics {}
}
