import { NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { filterInstances, group, max, select } from '../promql.js'
import { table } from '../tables.js'
import { PROCESS, PROCESS_COLUMNS, startTime } from './process.js'

export const versions = table({
  title: 'Versions',
  description: 'When each process started, and the versions of the application, of dynoai-metrics and of Node on ' +
    'its instance. If the processes of an instance differ in a version, one of them is shown.',
  unit: NoUnit,
  noValue: 'Not scraped',
  width: 24
}, {
  labels: [
    ...PROCESS_COLUMNS,
    { title: 'Application', label: 'application' },
    { title: 'dynoai-metrics', label: 'exporter' },
    { title: 'Node', label: 'node' }
  ],
  values: [{ title: 'Started', expr: startTimesWithVersions(), unit: 'dateTimeAsIso', width: 165 }],
  sortBy: 'Started',
  pageRows: 3
})

// Three series have a label `version`, so each label is renamed before the join. Grafana's date unit expects
// milliseconds.
function startTimesWithVersions (): string {
  const withRenamedVersion = (series: string, label: string): string => {
    const versions = group(filterInstances(select(series)), ['job', 'instance', 'version'])
    // A join fails if an instance has two versions, as it has while its processes are restarted one after another.
    const one = `topk by (job, instance) (1, ${versions})`
    return `label_replace(${one}, "${label}", "$1", "version", "(.*)")`
  }
  const joins = [
    ['dynoai_app_info', 'application'], ['dynoai_exporter_info', 'exporter'], ['nodejs_version_info', 'node']
  ] as const
  return joins.reduce(
    (expr, [series, label]) =>
      `${expr} * on (job, instance) group_left (${label}) ${withRenamedVersion(series, label)}`,
    `1000 * ${max(startTime, PROCESS)}`
  )
}
