import { BoolYesNo, CountsPerMinute, NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { colored, limited, percentiles, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { measuredLately, quantile, rate, select, sum } from '../promql.js'

export const scrapes: Row = {
  title: 'Scrapes',
  panels: [
    timeseries({
      title: 'Up',
      description: 'Whether Prometheus could scrape the instance.',
      unit: BoolYesNo,
      noValue: 'No instance in a day',
      width: 8
    }, [{ expr: measuredLately(select('up')), legend: '{{instance}}' }]).max(1),
    limited(timeseries({
      title: 'Duration seen by Prometheus',
      description: 'Time from the request of a scrape to the end of its answer. A scrape that takes longer than its time-out, 10 s unless set otherwise, is lost.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: measuredLately(select('scrape_duration_seconds')), legend: '{{instance}}' }]), ['transparent', [1, 'yellow'], [5, 'red']]),
    timeseries({
      title: 'Samples per scrape',
      description: 'What a scrape brings. A number that only grows means a label with too many values.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: measuredLately(select('scrape_samples_scraped')), legend: '{{instance}}' }]),
    colored(stacked({
      title: 'Answers of the endpoint',
      description: 'Scrapes that the instance answered, by status, whoever asked.',
      unit: CountsPerMinute,
      noValue: 'Not counted by this version',
      width: 8
    }, [{ expr: `${sum(rate('dynoai_metrics_scrapes_total'), ['instance', 'status'])} * 60`, legend: '{{instance}} {{status}}' }]), [['2..$', 'green'], ['4..$', 'orange'], ['5..$', 'red']]),
    percentiles({
      title: 'Duration in the instance',
      description: 'Time that the instance took to put a scrape together.',
      unit: Seconds,
      noValue: 'Not measured by this version',
      width: 8
    }, [{ expr: quantile(0.99, sum(rate('dynoai_metrics_scrape_duration_seconds_bucket'), ['instance', 'le'])), legend: '{{instance}} p99' }]),
    timeseries({
      title: 'Metrics that went wrong',
      description: 'Errors of metrics, as calls and labels that were wrong, by metric, and values that landed in an overflow series. The log of the service says why, once for each metric.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: `${sum(rate('dynoai_metrics_errors_total'), ['metric'])} * 60`, legend: '{{metric}} failed' },
      // There is no series where no metric can overflow.
      { expr: `(${sum(rate('dynoai_metrics_overflow_total'))} or ${sum(rate('dynoai_metrics_errors_total'))} * 0) * 60`, legend: 'overflow' }
    ])
  ]
}
