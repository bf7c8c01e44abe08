import type { MarkedFile } from '../bench/marked-block.js'
import type { OutagesRecord } from './record.js'
import { listRuleTests } from './rule-tests.js'
import type { Scenario } from './scenario.js'
import { additionalTable, firedTable, link, listTwins, silentTable, table } from './tables.js'

/** Where the guide shows what a run found. */
export const ALERTS: MarkedFile = {
  file: 'docs/alerts.md', begin: '<!-- outages:start -->', end: '<!-- outages:end -->'
}

/** Formats the results of a run, with the markers around them. */
export function alertsBlock (record: OutagesRecord, scenarios: readonly Scenario[]): string {
  const { date, interval, versions, machine, seconds, runs } = record
  const run = runs === 1 ? `one run of ${Math.round(seconds / 60)} minutes` : `${runs} runs`
  return [
    ALERTS.begin,
    '## What fires, and when',
    `Measured on ${date}, with Prometheus ${versions.prometheus} and Node ${versions.node}, on ${machine.cpu} with ` +
      `${machine.cores} cores (average load of 15 minutes: ${machine.load}), in ${run}. ` +
      `Prometheus scraped and evaluated every ${interval}.`,
    firedTable(record, scenarios),
    '## What fires with them',
    additionalTable(record, scenarios),
    '## What stays silent',
    silentTable(record, scenarios),
    `Healthy twins, which had the same clients, raised no alert either: ${listTwins(record, scenarios)}.`,
    '## Tests at the true windows',
    table(['alert', 'fires', 'stays silent'], listRuleTests().map(({ title, fires, silent }) =>
      [link(title), fires, silent])),
    ALERTS.end
  ].join('\n\n')
}
