import { BytesIEC, BytesPerSecondIEC, LocaleFormat, NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { REFUSAL_REASONS } from '../../../examples/dynoai-api/analysis/refusal-reason.js'
import {
  GRAPH_HEIGHT, PER_MINUTE, heatmap, meanAndQuantiles, timeseries, timeseriesWithExemplars, withLegendRight
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { equals, increase, rate, sum } from '../promql.js'
import { INSTANCE_WIDTH, table, tableHeight } from '../tables.js'

const FILES = 'dynoai_file_upload_bytes'
const BY = ['instance']
const sizes = { histogram: FILES }
const inRange = (series: string): string => sum(increase(series, undefined, '$__range'), BY)

const REFUSALS = 'dynoai_log_refusals_total'
const failed = sum(rate('dynoai_analysis_total', { status: equals('error'), source: equals('upload') }))
const refused = sum(rate(REFUSALS, { source: equals('upload') }), ['reason'])
const refusedInRange = (source: string): string =>
  sum(increase(REFUSALS, { source: equals(source) }, '$__range'), ['reason'])

const REASONS = 'extension, size, files and upload are refused unread; empty, binary and malformed are no tables; ' +
  'columns and units are missing or unclear; rows are out of range; other is not the fault of the log.'

export const uploads: Row = {
  title: 'Uploads',
  panels: [
    timeseries({
      title: 'Bytes received',
      description: 'Bytes of the received files per second, by instance. The disk must be able to store them.',
      unit: BytesPerSecondIEC,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: sum(rate(`${FILES}_sum`), BY), legend: '{{instance}}' }]),
    timeseries({
      title: 'Files received',
      description: 'Received files per minute, by instance.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `${sum(rate(`${FILES}_count`), BY)} * 60`, legend: '{{instance}}' }]),
    table({
      title: 'Files in the time shown',
      description: 'Received files and their bytes, by instance.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, {
      labels: [{ title: 'Instance', label: 'instance', width: INSTANCE_WIDTH }],
      values: [
        { title: 'Files', expr: inRange(`${FILES}_count`), unit: LocaleFormat, decimals: 0 },
        { title: 'Bytes', expr: inRange(`${FILES}_sum`), unit: BytesIEC }
      ],
      sortBy: 'Files',
      pageRows: 4
    }).height(GRAPH_HEIGHT),
    withLegendRight(timeseries({
      title: 'Refused uploads by reason',
      description: 'Uploaded logs that could not be analysed, per minute: all of them, which are failed analyses of ' +
        `source upload, and by reason. ${REASONS} The reasons are a metric of the example service, ` +
        'dynoai_log_refusals_total. Other services have only the first line.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 14
    }, [
      { expr: `${failed} * 60`, legend: 'all' },
      { expr: `${refused} * 60`, legend: '{{reason}}' }
    ])).height(tableHeight(REFUSAL_REASONS.length)),
    table({
      title: 'Refused logs in the time shown',
      description: `Logs that could not be analysed, by reason and source. ${REASONS} A metric of the example ` +
        'service. The table of analyses has the sums for every service.',
      unit: NoUnit,
      noValue: 'No dynoai_log_refusals_total',
      width: 10
    }, {
      labels: [{ title: 'Reason', label: 'reason' }],
      values: ['upload', 'jetstream', 'simulator'].map(source =>
        ({ title: source, expr: refusedInRange(source), unit: LocaleFormat, decimals: 0 })),
      sortBy: 'upload',
      rows: REFUSAL_REASONS.length
    }),
    timeseriesWithExemplars({
      title: 'Sizes',
      description: 'Sizes of the received files. A log has 0.3 to 1 MB. The maximum is 50 MiB.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, meanAndQuantiles([0.9, 0.99], sizes)),
    heatmap({
      title: 'Sizes, all of them',
      description: 'Files per minute by size.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, sizes, 'minute')
  ]
}
