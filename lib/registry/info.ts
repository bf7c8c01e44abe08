import { registryMetric } from './plugin-metric.js'
import type { NamedMetric } from './plugin-metric.js'
import { version } from './version.js'

/** `app_info` and `exporter_info`: always 1, with the information in their labels. */
export function infoMetrics (namePrefix: string, appInfo: Readonly<Record<string, string>>): NamedMetric[] {
  const info = (name: string, help: string, labels: Readonly<Record<string, string>>): NamedMetric =>
    registryMetric({
      name: namePrefix + name,
      help,
      type: 'gauge',
      labelNames: Object.keys(labels),
      // A sum over several processes would be their number.
      aggregator: 'first',
      values: () => [{ labels, value: 1 }]
    })
  return [
    info('app_info', 'The application that is measured, always 1', appInfo),
    info('exporter_info', 'The version of dynoai-metrics that measures, always 1', { version })
  ]
}
