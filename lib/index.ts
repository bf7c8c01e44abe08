export { dynoaiMetrics as default, dynoaiMetrics } from './plugin.js'
export type * from './types.js'
