import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { node } from './node/dashboard.js'
import { overview } from './overview/dashboard.js'
import { slo } from './slo/dashboard.js'

/** The dashboards as the text of their files. */
export const files = (): Record<string, string> => Object.fromEntries(
  Object.entries({ 'dynoai-dashboard.json': overview(), 'dynoai-slo.json': slo(), 'dynoai-node.json': node() })
    .map(([name, dashboard]) => [name, `${JSON.stringify(dashboard, null, 2)}\n`])
)

/** Writes the dashboards into a directory. */
export async function write (directory: string): Promise<void> {
  for (const [name, text] of Object.entries(files())) await writeFile(join(directory, name), text)
}
