import { NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, LATENCY } from '../objectives.js'
import type { Row } from '../panels.js'
import { ratio } from '../promql.js'
import { badRequests, budget, countedRequests } from '../requests.js'
import { table } from '../tables.js'
import { ROUTE_ON_OVERVIEW } from '../variables.js'

const BY = ['job', 'path']
const RANGE = '$__range'

const counted = countedRequests(RANGE, BY)
const failed = badRequests(AVAILABILITY, RANGE, BY)
const slow = badRequests(LATENCY, RANGE, BY)

export const budgetByRoute: Row = {
  title: 'Where the budgets go',
  panels: [
    table({
      title: 'Bad requests by route',
      description: 'Requests of the time shown, upgrades left out. A click on a route opens the overview for it alone.',
      unit: NoUnit,
      noValue: 'No requests',
      width: 24
    }, [
      { title: 'Route', label: 'path', link: { title: 'Show this route on the overview', url: ROUTE_ON_OVERVIEW } },
      { title: 'Job', label: 'job' }
    ], [
      { title: 'Requests', expr: counted, unit: NoUnit },
      { title: 'Failed', expr: `${failed} or ${counted} * 0`, unit: NoUnit },
      { title: 'Share failed', expr: ratio(failed, counted), unit: PercentUnit, thresholds: ['text', [budget(AVAILABILITY), 'red']] },
      { title: 'Slow', expr: slow, unit: NoUnit },
      { title: 'Share slow', expr: ratio(slow, counted), unit: PercentUnit, thresholds: ['text', [budget(LATENCY), 'red']] }
    ], 'Failed')
  ]
}
