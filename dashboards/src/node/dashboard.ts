import { buildDashboard } from '../dashboard.js'
import { commonVariables } from '../variables.js'
import { atAGlance } from './at-a-glance.js'
import { runtime } from './runtime.js'
import { scrapes } from './scrapes.js'

export const buildNode = () => buildDashboard({
  uid: 'dynoai-node',
  description: 'The processes: event loop, CPU, memory, garbage collection, file descriptors, restarts, versions and ' +
    'scrapes. Shows only instances with dynoai-metrics.',
  from: 'now-1h',
  variables: commonVariables(),
  rows: [atAGlance, runtime, scrapes]
})
