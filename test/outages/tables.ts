import type { OutagesRecord, RecordedAlert } from './record.js'
import { SCALE } from './rules.js'
import { twinOf } from './scenario.js'
import type { Scenario } from './scenario.js'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
export const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

export const link = (title: string): string => {
  const [name = '', ...others] = title.split(' ')
  return [`[${name}](../dashboards/RUNBOOK.md#${name.toLowerCase()})`, ...others].join(' ')
}

/** Formats seconds of a run as the time that they stand for: minutes below two hours, hours from there on. */
export function trueTime (seconds: number): string {
  const minutes = seconds * SCALE / 60
  return minutes < 120 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`
}

/** Which outages must raise which alerts, and when they did. */
export function firedTable ({ scenarios }: OutagesRecord, all: readonly Scenario[]): string {
  const rows = all.filter(({ expected }) => expected.length > 0).flatMap(({ job, outage, how, expected }) => {
    const alerts = scenarios.find(scenario => scenario.job === job)?.alerts ?? []
    return alerts.filter(({ title }) => expected.includes(title)).map((alert, i) => [
      ...i === 0 ? [outage, how] : ['', ''], link(alert.title), alert.severity, ...timesOf(alert)
    ])
  })
  return table(['outage', 'how it was made', 'alert', 'severity', 'pending after', 'fires after', 'ended after'], rows)
}

const timesOf = ({ pending, firing, ended }: RecordedAlert): string[] =>
  [pending ?? firing, firing, ended].map(seconds => seconds === null ? '–' : trueTime(seconds))

/** Alerts that fired together with the expected ones, with the reason. */
export function additionalTable ({ scenarios }: OutagesRecord, all: readonly Scenario[]): string {
  const rows = all.flatMap(({ job, outage, expected, allowed = {} }) => {
    const alerts = scenarios.find(scenario => scenario.job === job)?.alerts ?? []
    return alerts.filter(({ title }) => !expected.includes(title)).map(({ title, firing }) =>
      [outage, link(title), trueTime(firing), allowed[title] ?? ''])
  })
  return table(['outage', 'alert', 'fires after', 'reason'], rows)
}

/** What must stay silent, and did. */
export function silentTable (all: readonly Scenario[]): string {
  return table(['situation', 'how it was made'], all.filter(({ expected }) => expected.length === 0)
    .map(({ outage, how }) => [outage, how]))
}

/** The healthy twins. */
export const listTwins = (all: readonly Scenario[]): string =>
  all.filter(({ hasNoTwin = false }) => !hasNoTwin).map(({ job }) => `\`${twinOf(job)}\``).join(', ')
