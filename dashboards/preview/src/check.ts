import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectAll } from './collect.js'
import { takeScreenshot } from './screenshot.js'
import { synthetic } from './synthetic.js'

const WIDTHS = [1600, 1000]
const RANGE = { start: 1_700_000_000, end: 1_700_000_480, step: 5 }

/**
 * Draws all dashboards from invented numbers. Fails if the preview does not support something that a dashboard uses, or
 * if a title does not fit.
 */
export async function checkDrawing (directory: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dynoai-pictures-check-'))
  try {
    for (const [name, snapshot] of Object.entries(await collectAll(synthetic, RANGE))) {
      for (const width of WIDTHS) {
        const problems = await takeScreenshot(snapshot, { directory, file: join(folder, `${name}.png`), width })
        const titles = problems.filter(problem => problem.endsWith('the title is truncated'))
        for (const title of titles) console.error(`${name}, ${width} px: ${title}`)
        if (titles.length > 0) process.exitCode = 1
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
