import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkDrawing } from './check.js'
import { findEmptyPanels } from './collect.js'
import { measure } from './measure.js'
import { cutTop, takeScreenshot } from './screenshot.js'
import type { Snapshots } from './snapshot.js'

/** The width of the pictures that are committed, in pixels. */
const WIDTH = '1600'
/** The first row of the overview, which README shows, in pixels. */
const TOP_HEIGHT = 732

const { values: { again, check, out, width } } = parseArgs({
  options: {
    /** Draws the last measurement again. */
    again: { type: 'boolean', default: false },
    /** Only draws invented numbers, at two widths, into `dist`. */
    check: { type: 'boolean', default: false },
    /** The folder of the pictures. */
    out: { type: 'string' },
    width: { type: 'string', default: WIDTH }
  }
})

// npm runs this script in the directory of the preview package.
const preview = process.cwd()
const folder = out === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? preview, out)
process.chdir(resolve(preview, '../..'))

if (check) await checkDrawing(preview, folder ?? join(preview, 'dist/check'))
// Only pictures of the usual width are committed.
else await drawPictures(folder ?? (width === WIDTH ? 'dashboards/pictures' : join(preview, `dist/pictures-${width}`)))

async function drawPictures (folder: string): Promise<void> {
  const dataFile = join(preview, 'dist/snapshots.json')
  if (!again) writeFileSync(dataFile, JSON.stringify(await measure(join(preview, 'dist/service.js'))))
  const snapshots = JSON.parse(readFileSync(dataFile, 'utf8')) as Snapshots
  mkdirSync(folder, { recursive: true })
  for (const [name, snapshot] of Object.entries(snapshots)) {
    for (const title of findEmptyPanels(snapshot)) console.log(`${name}: ${title}: no data`)
    const file = join(folder, `${name}.png`)
    const problems = await takeScreenshot(snapshot, { directory: preview, file, width: Number(width) })
    for (const problem of problems) console.log(`${name}: ${problem}`)
    console.log(file)
  }
  await cutTop(join(folder, 'dynoai-dashboard.png'), join(folder, 'dynoai-dashboard-top.png'), TOP_HEIGHT)
}
