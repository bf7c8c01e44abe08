import { buildDashboard } from '../dashboard.js'
import { commonVariables, routeVariable } from '../variables.js'
import { analyses } from './analyses.js'
import { atAGlance } from './at-a-glance.js'
import { corrections } from './corrections.js'
import { instances } from './instances.js'
import { jetstream } from './jetstream.js'
import { routes } from './routes.js'
import { traffic } from './traffic.js'
import { uploads } from './uploads.js'
import { virtualTuning } from './virtual-tuning.js'

export const buildOverview = () => buildDashboard({
  uid: 'dynoai-overview',
  description: 'Requests, routes, analyses, Jetstream, virtual tuning and uploads of the services with ' +
    'dynoai-metrics. The chosen route applies to the rows At a glance, Requests, Routes and Instances, unless the ' +
    'description of a panel says otherwise.',
  from: 'now-1h',
  variables: [...commonVariables(), routeVariable()],
  rows: [atAGlance, traffic, routes, instances, analyses, corrections, jetstream, virtualTuning, uploads]
})
