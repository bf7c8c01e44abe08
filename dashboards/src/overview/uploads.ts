import { BytesIEC, BytesPerSecondIEC, CountsPerMinute } from '@grafana/grafana-foundation-sdk/units'
import { heatmap, percentiles, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { quantile, rate, sum } from '../promql.js'

const FILES = 'dynoai_file_upload_bytes'
const sizes = sum(rate(`${FILES}_bucket`), ['le'])

export const uploads: Row = {
  title: 'Uploads',
  panels: [
    timeseries({
      title: 'Bytes received',
      description: 'Bytes of files that were received, per second and instance: what a disk must take.',
      unit: BytesPerSecondIEC,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(rate(`${FILES}_sum`), ['instance']), legend: '{{instance}}' }]),
    timeseries({
      title: 'Files received',
      description: 'Files that were received, per minute and instance.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `${sum(rate(`${FILES}_count`), ['instance'])} * 60`, legend: '{{instance}}' }]),
    percentiles({
      title: 'Sizes',
      description: 'Sizes of the files received; a log is 0.3 to 1 MB, and at most 50 MiB are taken.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, [0.5, 0.9, 0.99].map(q => ({ expr: quantile(q, sizes), legend: `p${q * 100}` }))),
    heatmap({
      title: 'Sizes, all of them',
      description: 'How many files per minute were of which size.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, `${sizes} * 60`, CountsPerMinute)
  ]
}
