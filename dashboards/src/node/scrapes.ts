import { BoolYesNo, NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, stackedTimeseries, timeseries, withColors, withLegendRight, withThresholdLines
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { doesNotMatch, filterRecentInstances, matches, mean, rate, select, sum } from '../promql.js'
import type { Matcher } from '../promql.js'

const responses = (status: Matcher, by: readonly string[]): string =>
  `${sum(rate('dynoai_metrics_scrapes_total', { status }), by)} * 60`
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
    stackedTimeseries({
      title: 'Answered scrapes',
      description: 'Scrapes that the instance has answered, of any client. Each Prometheus adds one per interval.',
      unit: PER_MINUTE,
      noValue: 'Not counted by this version',
      width: 12
    }, [{ expr: responses(matches('2..'), ['instance']), legend: '{{instance}}' }]),
    withLegendRight(withColors(stackedTimeseries({
      title: 'Refused scrapes',
      description: 'Scrapes without an answer, by status: 401 for wrong credentials, 405 for a wrong method, 499 for ' +
        'a client that left, 500 for an error, 503 while too many scrapes run at once.',
      unit: PER_MINUTE,
      noValue: 'Not counted by this version',
      width: 12
    }, [
      { expr: responses(doesNotMatch('2..'), ['instance', 'status']), legend: '{{status}} {{instance}}' }
    ]), [['^4', 'orange'], ['^5', 'red']])),
    timeseries({
      title: 'Duration in the instance',
      description: 'Mean time that the instance needed for a scrape. It is often shorter than the first bound of its ' +
        'histogram, 1 ms, so a percentile would be a guess.',
      unit: Seconds,
      noValue: 'Not measured by this version',
      width: 12
    }, [{ expr: mean(durations), legend: '{{instance}}' }]),
    withLegendRight(timeseries({
      title: 'Metrics that went wrong',
      description: 'Metric errors, such as wrong calls and labels, by metric, and values that were counted in an ' +
        'overflow series. The log of the service contains the reason, once for each metric.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: errors, legend: '{{metric}} failed' },
      { expr: overflow, legend: 'overflow' }
    ]))
  ]
}
