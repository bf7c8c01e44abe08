import { BoolYesNo, NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, stackedTimeseries, timeseries, timeseriesWithExemplars, withColors, withThresholdLines
} from '../panels.js'
import type { Row } from '../panels.js'
import { filterRecentInstances, quantile, rate, select, sum } from '../promql.js'

const responses = `${sum(rate('dynoai_metrics_scrapes_total'), ['instance', 'status'])} * 60`
const durations = { histogram: 'dynoai_metrics_scrape_duration_seconds', by: ['instance'] }
const errors = `${sum(rate('dynoai_metrics_errors_total'), ['metric'])} * 60`
// The overflow series is missing if no metric can overflow.
const overflow =
  `(${sum(rate('dynoai_metrics_overflow_total'))} or ${sum(rate('dynoai_metrics_errors_total'))} * 0) * 60`

export const scrapes: Row = {
  title: 'Scrapes',
  panels: [
    timeseries({
      title: 'Up',
      description: 'Whether the scrape of the instance succeeded.',
      unit: BoolYesNo,
      noValue: 'No instance in a day',
      width: 8
    }, [{ expr: filterRecentInstances(select('up')), legend: '{{instance}}' }]).max(1),
    withThresholdLines(timeseries({
      title: 'Duration seen by Prometheus',
      description: 'Time from the request of a scrape to the end of its response. A scrape that takes longer than ' +
        'its timeout is lost. The default timeout is 10 s.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: filterRecentInstances(select('scrape_duration_seconds')), legend: '{{instance}}' }
    ]), ['transparent', [1, 'yellow'], [5, 'red']]),
    timeseries({
      title: 'Samples per scrape',
      description: 'The number of samples in a scrape. If it only grows, a label has too many values.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: filterRecentInstances(select('scrape_samples_scraped')), legend: '{{instance}}' }]),
    withColors(stackedTimeseries({
      title: 'Responses of the endpoint',
      description: 'Responses of the metrics endpoint to any client, by status.',
      unit: PER_MINUTE,
      noValue: 'Not counted by this version',
      width: 8
    }, [
      { expr: responses, legend: '{{instance}} {{status}}' }
    ]), [['2..$', 'green'], ['4..$', 'orange'], ['5..$', 'red']]),
    timeseriesWithExemplars({
      title: 'Duration in the instance',
      description: 'Time that the instance needed to create a scrape response.',
      unit: Seconds,
      noValue: 'Not measured by this version',
      width: 8
    }, [{ expr: quantile(0.99, durations), legend: '{{instance}} p99' }]),
    timeseries({
      title: 'Metrics that went wrong',
      description: 'Metric errors, such as wrong calls and labels, by metric, and values that were counted in an ' +
        'overflow series. The log of the service contains the reason, once for each metric.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: errors, legend: '{{metric}} failed' },
      { expr: overflow, legend: 'overflow' }
    ])
  ]
}
