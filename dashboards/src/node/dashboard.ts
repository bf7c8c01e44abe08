import { dashboard } from '../dashboard.js'
import { commonVariables } from '../variables.js'
import { health } from './health.js'
import { runtime } from './runtime.js'
import { scrapes } from './scrapes.js'

export const node = () => dashboard({
  uid: 'dynoai-node',
  description: 'The processes beneath: event loop, processor, memory, garbage collection, descriptors, restarts, versions, and whether scrapes work. Only of instances that dynoai-metrics measures.',
  from: 'now-1h',
  variables: commonVariables(),
  rows: [health, runtime, scrapes]
})
