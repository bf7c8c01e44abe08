import { BytesIEC, BytesPerSecondIEC } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, heatmap, quantileQueries, timeseries, timeseriesWithExemplars
} from '../panels.js'
import type { Row } from '../panels.js'
import { rate, sum } from '../promql.js'

const FILES = 'dynoai_file_upload_bytes'
const sizes = { histogram: FILES }

export const uploads: Row = {
  title: 'Uploads',
  panels: [
    timeseries({
      title: 'Bytes received',
      description: 'Bytes of the received files per second, by instance. The disk must be able to store them.',
      unit: BytesPerSecondIEC,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(rate(`${FILES}_sum`), ['instance']), legend: '{{instance}}' }]),
    timeseries({
      title: 'Files received',
      description: 'Received files per minute, by instance.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `${sum(rate(`${FILES}_count`), ['instance'])} * 60`, legend: '{{instance}}' }]),
    timeseriesWithExemplars({
      title: 'Sizes',
      description: 'Sizes of the received files. A log has 0.3 to 1 MB. The maximum is 50 MiB.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, quantileQueries([0.5, 0.9, 0.99], sizes)),
    heatmap({
      title: 'Sizes, all of them',
      description: 'Files per minute by size.',
      unit: BytesIEC,
      noValue: 'No uploads',
      width: 12
    }, sizes, 'minute')
  ]
}
