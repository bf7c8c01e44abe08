import { INSTANCE } from './rule.js'
import type { RuleGroup } from './rule.js'

const scrapes = (matchers: string): string =>
  `sum by (job, instance) (increase(dynoai_metrics_scrapes_total${matchers}[10m]))`

/** Alerts on the metrics themselves: without them, other alerts do not see what happens. */
export const metricsAlerts: RuleGroup = {
  name: 'dynoai-metrics',
  rules: [
    {
      comment: 'A wrong call or label is not recorded, so panels and alerts miss what it should have counted. Half ' +
        'an hour is longer than a single mistake.',
      alert: 'DynoaiMetricsFailing',
      expr: 'sum by (job, metric) (increase(dynoai_metrics_errors_total[30m])) > 0',
      for: '30m',
      severity: 'ticket',
      labels: { failing: 'errors' },
      summary: 'The metric {{ $labels.metric }} of {{ $labels.job }} fails',
      description: '{{ $value | humanize }} values or scrapes of {{ $labels.metric }} of {{ $labels.job }} failed in ' +
        'the last 30 minutes. The log of the service has the reason.'
    },
    {
      comment: 'Beyond `maxSeries`, values are counted, but their labels are lost.',
      alert: 'DynoaiMetricsFailing',
      expr: 'sum by (job, metric) (increase(dynoai_metrics_overflow_total[30m])) > 0',
      for: '30m',
      severity: 'ticket',
      labels: { failing: 'overflow' },
      summary: 'The metric {{ $labels.metric }} of {{ $labels.job }} has too many series',
      description: '{{ $value | humanize }} values of {{ $labels.metric }} of {{ $labels.job }} were counted without ' +
        'their labels in the last 30 minutes.'
    },
    {
      comment: 'Prometheus sees only its own scrapes. Another Prometheus, or another scrape of the same, may be ' +
        'refused by a wrong token, or because too many scrapes run at once.',
      alert: 'DynoaiScrapesRefused',
      expr: `${scrapes('{status=~"4..|5.."}')}
/ (${scrapes('')} > 0) > 0.1
and ${scrapes('{status=~"4..|5.."}')} >= 5`,
      for: '10m',
      severity: 'ticket',
      summary: `${INSTANCE} refuses scrapes`,
      description: `The metrics endpoint of ${INSTANCE} refused {{ $value | humanizePercentage }} of the scrapes in ` +
        'the last 10 minutes.'
    }
  ]
}
