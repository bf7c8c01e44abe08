import { NoUnit, PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, SLOW_AFTER_SECONDS } from '../objectives.js'
import { PER_MINUTE, timeseries, timeseriesWithExemplars, withThresholdLines } from '../panels/index.js'
import type { Row } from '../panels/index.js'
import {
  doesNotMatch, filterRecentInstances, max, orZero, quantile, rate, ratio, select, sum
} from '../promql.js'
import { budget, DURATIONS, NO_UPGRADES, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { CHOSEN_ROUTE } from '../variables.js'

const BY = ['instance']
const legend = '{{instance}}'

const requests = orZero(sum(rate(REQUESTS, CHOSEN_ROUTE), BY), BY)
const counted = orZero(sum(rate(REQUESTS, { ...NO_UPGRADES, ...CHOSEN_ROUTE }), BY), BY)
const failed = sum(rate(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }), BY)
const durations = { histogram: DURATIONS, matchers: { ...NO_UPGRADES, ...CHOSEN_ROUTE }, by: BY }
const refusedScrapes = sum(rate('dynoai_metrics_scrapes_total', { status: doesNotMatch('200') }), BY)

/** Whether one instance is worse than the others. The worst is the first in each legend. */
export const instances: Row = {
  title: 'Instances',
  panels: [
    withThresholdLines(timeseries({
      title: 'Error ratio by instance',
      description: 'Share of the requests to an instance with a 5xx response. If one is much worse than the others, ' +
        'take it out of service. The dashed line is the limit of the objective.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: ratio(failed, counted), legend }]), ['transparent', [budget(AVAILABILITY), 'red']]),
    withThresholdLines(timeseriesWithExemplars({
      title: '99th percentile by instance',
      description: '99 of 100 requests to an instance took less time. Upgrades are excluded. The dashed line is the ' +
        `${SLOW_AFTER_SECONDS} s of the objective.`,
      unit: Seconds,
      noValue: 'No requests',
      width: 8
    }, [{ expr: quantile(0.99, durations), legend }]), ['transparent', [SLOW_AFTER_SECONDS, 'red']]),
    timeseries({
      title: 'Requests by instance',
      description: 'Requests that ended, including upgrades. If an instance has none, the load balancer does not ' +
        'send it any.',
      unit: RequestsPerSecond,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: requests, legend }]),
    timeseries({
      title: 'Up by instance',
      description: '1 if the scrape of an instance succeeded, else 0. An instance without a successful scrape in the ' +
        'last day is not shown.',
      unit: NoUnit,
      noValue: 'No instance in a day',
      width: 8
    }, [{ expr: max(filterRecentInstances(select('up')), BY), legend }]).max(1).decimals(0),
    timeseries({
      title: 'Refused scrapes by instance',
      description: 'Responses of the endpoint other than 200, to any client. Those to Prometheus leave gaps in these ' +
        'panels. The dashboard of the processes has their statuses.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `${refusedScrapes} * 60`, legend }]),
    timeseries({
      title: 'In flight by instance',
      description: 'Requests of all routes that have not ended yet. If it only grows, some requests never end.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: sum(select('dynoai_requests_in_flight'), BY), legend }])
  ]
}
