import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertRules } from '../../dashboards/src/rules/alerts.js'
import { formatRules } from '../../dashboards/src/rules/format.js'
import { recordingRules } from '../../dashboards/src/rules/recording.js'
import { scaleRules } from '../../dashboards/src/rules/scale.js'

/** What all windows are divided by: a second stands for a minute. */
export const SCALE = 60

/** Writes the rules with all windows divided, and returns their paths. */
export async function writeScaledRules (directory: string): Promise<string[]> {
  const files = { 'recording.yml': recordingRules, 'alerts.yml': alertRules }
  return await Promise.all(Object.entries(files).map(async ([name, file]) => {
    const path = join(directory, name)
    await writeFile(path, formatRules(scaleRules(file, SCALE), 'RUNBOOK.md'))
    return path
  }))
}
