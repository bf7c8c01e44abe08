import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildNode } from './node/dashboard.js'
import { buildOverview } from './overview/dashboard.js'
import { buildSlo } from './slo/dashboard.js'

/** Returns the content of each dashboard file, by file name. */
export const renderDashboards = (): Record<string, string> => Object.fromEntries(
  Object.entries({
    'dynoai-dashboard.json': buildOverview(),
    'dynoai-slo.json': buildSlo(),
    'dynoai-node.json': buildNode()
  }).map(([name, dashboard]) => [name, `${JSON.stringify(dashboard, null, 2)}\n`])
)

/** Writes the dashboards to a directory. */
export async function writeDashboards (directory: string): Promise<void> {
  for (const [name, text] of Object.entries(renderDashboards())) await writeFile(join(directory, name), text)
}
