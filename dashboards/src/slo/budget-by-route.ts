import { LocaleFormat, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, LATENCY } from '../objectives.js'
import type { Row, Thresholds } from '../panels/index.js'
import { ratio } from '../promql.js'
import { badRequests, budget, countedRequests } from '../requests.js'
import { routeColumn, table } from '../tables.js'

const BY = ['job', 'path']
const RANGE = '$__range'

const counted = countedRequests(RANGE, BY)
const failed = badRequests(AVAILABILITY, RANGE, BY)
const slow = badRequests(LATENCY, RANGE, BY)

const redAbove = (limit: number): Thresholds => ['text', [limit, 'red']]

export const budgetByRoute: Row = {
  title: 'Where the budgets go',
  panels: [
    table({
      title: 'Bad requests by route',
      description: 'Requests in the time shown. Upgrades are excluded. Click a route to open the overview of that ' +
        'route.',
      unit: NoUnit,
      noValue: 'No requests',
      width: 24
    }, {
      labels: [routeColumn('Show this route on the overview'), { title: 'Job', label: 'job' }],
      values: [
        { title: 'Requests', expr: counted, unit: LocaleFormat, decimals: 0 },
        { title: 'Failed', expr: `${failed} or ${counted} * 0`, unit: LocaleFormat, decimals: 0 },
        {
          title: 'Share failed',
          expr: ratio(failed, counted),
          unit: PercentUnit,
          thresholds: redAbove(budget(AVAILABILITY))
        },
        { title: 'Slow', expr: slow, unit: LocaleFormat, decimals: 0 },
        { title: 'Share slow', expr: ratio(slow, counted), unit: PercentUnit, thresholds: redAbove(budget(LATENCY)) }
      ],
      sortBy: 'Failed',
      thenBy: 'Slow',
      pageRows: 14
    })
  ]
}
