import { dashboard } from '../dashboard.js'
import { AVAILABILITY, LATENCY, SLOW_AFTER_SECONDS } from '../objectives.js'
import { note } from '../panels.js'
import { commonVariables } from '../variables.js'
import { objectiveRow } from './objective-row.js'
import { budgetByRoute } from './routes.js'

const READING = `**Objectives over 30 days:** ${AVAILABILITY.target * 100} % of requests are not answered with 5xx, and ${LATENCY.target * 100} % end within ${SLOW_AFTER_SECONDS} s. \
A client that leaves (499) is no failure, but counts as slow when it left later than that; upgrades (101) do not count.
The first request of a route with a status is not seen, since its series begins with it.

**Burn rates need the recording rules** of \`dashboards/rules/recording.yml\`, and are those of the whole job: a choice of instances does not change them. \
Everything else is read from the counters, for the instances chosen, and is right also for a service younger than 30 days.`

export const slo = () => dashboard({
  uid: 'dynoai-slo',
  description: 'Objectives for availability and latency over 30 days: how they are kept, how fast their budgets burn, and which routes burn them. Burn rates need the recording rules.',
  from: 'now-6h',
  variables: commonVariables(),
  rows: [
    { title: 'Read me', panels: [note('How to read this', 'What the objectives are, and what the numbers below are made of.', READING, 4)] },
    objectiveRow(AVAILABILITY),
    objectiveRow(LATENCY),
    budgetByRoute
  ]
})
