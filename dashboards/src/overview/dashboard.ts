import { dashboard } from '../dashboard.js'
import { commonVariables, routeVariable } from '../variables.js'
import { analyses } from './analyses.js'
import { atAGlance } from './at-a-glance.js'
import { corrections } from './corrections.js'
import { jetstream } from './jetstream.js'
import { routes } from './routes.js'
import { traffic } from './traffic.js'
import { uploads } from './uploads.js'
import { virtualTuning } from './virtual-tuning.js'

export const overview = () => dashboard({
  uid: 'dynoai-overview',
  description: 'Requests, routes, analyses, Jetstream, virtual tuning and uploads of the services that dynoai-metrics measures. The route chosen holds for the rows Requests and Routes and for the first numbers, where they do not say otherwise.',
  from: 'now-1h',
  variables: [...commonVariables(), routeVariable()],
  rows: [atAGlance, traffic, routes, analyses, corrections, jetstream, virtualTuning, uploads]
})
