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

const NOT_MEASURED = ['', 'not measured', 'not measured', '']

/** Which outages must raise which alerts, and when they did. */
export function firedTable (record: OutagesRecord, all: readonly Scenario[]): string {
  const rows = all.flatMap(({ job, outage, how, expected }) => {
    const alerts = alertsOf(record, job)
    const isExpected = ({ title }: RecordedAlert): boolean => expected.includes(title)
    const cells = alerts === undefined
      ? expected.map(title => [link(title), ...NOT_MEASURED])
      : alerts.filter(isExpected).map(alert => [link(alert.title), alert.severity, ...timesOf(alert)])
    return cells.map((cells, i) => [...i === 0 ? [outage, how] : ['', ''], ...cells])
  })
  return table(['outage', 'how it was made', 'alert', 'severity', 'pending after', 'fires after', 'ended after'], rows)
}

const alertsOf = ({ scenarios }: OutagesRecord, job: string): readonly RecordedAlert[] | undefined =>
  scenarios.find(scenario => scenario.job === job)?.alerts

const timesOf = ({ pending, firing, ended }: RecordedAlert): string[] =>
  [pending ?? firing, firing, ended].map(seconds => seconds === null ? '–' : trueTime(seconds))

/** Alerts that fired together with the expected ones, with the reason. */
export function additionalTable (record: OutagesRecord, all: readonly Scenario[]): string {
  const rows = all.flatMap(({ job, outage, expected, allowed = {} }) => {
    const alerts = alertsOf(record, job) ?? []
    return alerts.filter(({ title }) => !expected.includes(title)).map(({ title, firing }) =>
      [outage, link(title), trueTime(firing), allowed[title] ?? ''])
  })
  return table(['outage', 'alert', 'fires after', 'reason'], rows)
}

/** What must stay silent, and whether it did. */
export function silentTable (record: OutagesRecord, all: readonly Scenario[]): string {
  return table(['situation', 'how it was made', 'alerts'], all.filter(({ expected }) => expected.length === 0)
    .map(({ job, outage, how }) => [outage, how, alertsOf(record, job) === undefined ? 'not measured' : 'none']))
}

/** The healthy twins of the scenarios that were run. */
export const listTwins = (record: OutagesRecord, all: readonly Scenario[]): string =>
  all.filter(({ job, hasNoTwin = false }) => !hasNoTwin && alertsOf(record, job) !== undefined)
    .map(({ job }) => `\`${twinOf(job)}\``).join(', ')
