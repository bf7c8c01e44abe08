import { buildDashboard } from '../dashboard.js'
import { AVAILABILITY, LATENCY, SLOW_AFTER_SECONDS } from '../objectives.js'
import { text } from '../panels/index.js'
import { commonVariables } from '../variables.js'
import { budgetByRoute } from './budget-by-route.js'
import { objectiveRow } from './objective-row.js'

const availability = `${AVAILABILITY.target * 100} % of requests have no 5xx response`
const latency = `${LATENCY.target * 100} % end within ${SLOW_AFTER_SECONDS} s`

const EXPLANATION = `**Objectives over 30 days:** ${availability}, and ${latency}. \
A request that its client aborts (499) is not a failure, but can be slow. Upgrades (101) do not count. \
The first request of a new series (of a method and status, for latency also of a route) is not counted.

**Burn rates and budgets over time need the recording rules**, \`dashboards/rules/recording.yml\`. They are for the \
whole job. All other numbers are computed from the counters of the chosen instances, also for a service that is \
younger than 30 days.`

export const buildSlo = () => buildDashboard({
  uid: 'dynoai-slo',
  description: 'Objectives for availability and latency over 30 days: whether they are met, how fast their error ' +
    'budgets burn, and which routes burn them. Burn rates and budgets over time need the recording rules.',
  from: 'now-6h',
  variables: commonVariables(),
  rows: [
    objectiveRow(AVAILABILITY),
    objectiveRow(LATENCY),
    budgetByRoute,
    {
      title: 'Explanations',
      panels: [text({
        title: 'How to read this',
        description: 'Explains the objectives and the numbers above.',
        content: EXPLANATION,
        height: 5
      })]
    }
  ]
})
