import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { collectAll } from './collect.js'
import { takeScreenshot } from './screenshot.js'
import { synthetic } from './synthetic.js'

const WIDTHS = [1600, 1000]
const RANGE = { start: 1_700_000_000, end: 1_700_000_480, step: 5 }

/**
 * Draws all dashboards from invented numbers into a folder. Fails if the preview does not support something that a
 * dashboard uses, or if a title does not fit.
 */
export async function checkDrawing (directory: string, folder: string): Promise<void> {
  for (const [name, snapshot] of Object.entries(await collectAll(synthetic, RANGE))) {
    for (const width of WIDTHS) {
      mkdirSync(join(folder, `${width}`), { recursive: true })
      const file = join(folder, `${width}`, `${name}.png`)
      const problems = await takeScreenshot(snapshot, { directory, file, width })
      for (const problem of problems) console.log(`${name}, ${width} px: ${problem}`)
      if (problems.some(problem => problem.endsWith('the title is truncated'))) process.exitCode = 1
    }
  }
}
