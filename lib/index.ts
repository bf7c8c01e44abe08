export type * from './dynoai/types.js'
export { dynoaiMetrics as default, dynoaiMetrics } from './plugin.js'
export type * from './types/index.js'
