import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildNode } from './node/dashboard.js'
import { buildOverview } from './overview/dashboard.js'
import { DEFAULT_RUNBOOK_BASE } from './runbook-base.js'
import { alertRules } from './rules/alerts.js'
import { formatRules } from './rules/format.js'
import { recordingRules } from './rules/recording.js'
import { buildSlo } from './slo/dashboard.js'

/** Returns the content of each dashboard file, by file name. */
export const renderDashboards = (): Record<string, string> => Object.fromEntries(
  Object.entries({
    'dynoai-dashboard.json': buildOverview(),
    'dynoai-slo.json': buildSlo(),
    'dynoai-node.json': buildNode()
  }).map(([name, dashboard]) => [name, `${JSON.stringify(dashboard, null, 2)}\n`])
)

/** Returns the content of each rule file, by file name. Alerts link to sections of the runbook. */
export const renderRules = (runbook = DEFAULT_RUNBOOK_BASE): Record<string, string> => ({
  'rules/recording.yml': formatRules(recordingRules, runbook),
  'rules/alerts.yml': formatRules(alertRules, runbook)
})

/** Writes the dashboards and the rules to a directory. */
export async function writeDashboards (directory: string, runbook?: string): Promise<void> {
  for (const [name, text] of Object.entries({ ...renderDashboards(), ...renderRules(runbook) })) {
    const file = join(directory, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}
