import { BoolYesNo, LocaleFormat, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, stackedTimeseries, timeseries, withColors, withLegendRight, withoutNone, withThresholdLines
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import {
  doesNotMatch, filterRecentInstances, matches, mean, orNone, rate, rateOfOccurred, select, sum
} from '../promql.js'

const SCRAPES = 'dynoai_metrics_scrapes_total'
const answered = `${sum(rate(SCRAPES, { status: matches('2..') }), ['instance'])} * 60`
const refused = `${rateOfOccurred(SCRAPES, { status: doesNotMatch('2..') }, ['instance', 'status'])} * 60`
const durations = { histogram: 'dynoai_metrics_scrape_duration_seconds', by: ['instance'] }

const ERRORS = 'dynoai_metrics_errors_total'
const failed = (series: string, what: string): string =>
  `label_replace(${rateOfOccurred(series, {}, ['metric'])} * 60, "event", "$1 ${what}", "metric", "(.*)")`
const faults = `${failed(ERRORS, 'failed')} or ${failed('dynoai_metrics_overflow_total', 'overflow')}`

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
      unit: LocaleFormat,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: filterRecentInstances(select('scrape_samples_scraped')), legend: '{{instance}}' }]),
    stackedTimeseries({
      title: 'Answered scrapes',
      description: 'Scrapes that got the metrics, of any client. Each Prometheus adds one per interval.',
      unit: PER_MINUTE,
      noValue: 'Not counted by this version',
      width: 12
    }, [{ expr: answered, legend: '{{instance}}' }]),
    withoutNone(withLegendRight(withColors(stackedTimeseries({
      title: 'Refused scrapes',
      description: 'Scrapes whose response has no metrics, by status: 401 for wrong credentials, 405 for a wrong ' +
        'method, 499 for a client that left, 500 for an error, 503 while too many scrapes run at once. Only those ' +
        'that occurred in the time shown.',
      unit: PER_MINUTE,
      noValue: 'Not counted by this version',
      width: 12
    }, [
      { expr: orNone(refused, 'status', rate(SCRAPES)), legend: '{{status}} {{instance}}' }
    ]), [['^4', 'orange'], ['^5', 'red']]))),
    timeseries({
      title: 'Duration in the instance',
      description: 'Mean time that the instance needed for a scrape. It is often shorter than the first bound of its ' +
        'histogram, 1 ms, so a percentile would be a guess.',
      unit: Seconds,
      noValue: 'Not measured by this version',
      width: 12
    }, [{ expr: mean(durations), legend: '{{instance}}' }]),
    withoutNone(withLegendRight(timeseries({
      title: 'Metrics that went wrong',
      description: 'Metric errors, such as wrong calls and labels, by metric, and values that were counted in an ' +
        'overflow series. Only those that occurred in the time shown. The log of the service contains the reason, ' +
        'once for each metric.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: orNone(faults, 'event', rate(ERRORS)), legend: '{{event}}' }
    ])))
  ]
}
