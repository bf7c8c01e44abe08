export { dynoaiMetrics as default, dynoaiMetrics, dynoaiMetrics as 'module.exports' } from './plugin.js'
export type * from './types.js'
