import type { OutagesRecord, RecordedAlert } from './record.js'

/** Returns the results of a run as lines, one for each alert. */
export function reportLines ({ scenarios }: OutagesRecord): string[] {
  return scenarios.flatMap(({ job, alerts }) =>
    alerts.length === 0 ? [`${job}: silent`] : alerts.map(alert => `${job}: ${describe(alert)}`))
}

function describe ({ title, severity, pending, firing, ended }: RecordedAlert): string {
  const end = ended === null ? '' : `, ended after ${ended} s`
  return `${title} (${severity}) pending after ${pending ?? firing} s, firing after ${firing} s${end}`
}
