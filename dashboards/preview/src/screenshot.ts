import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { extname, join, normalize } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Page } from 'puppeteer-core'
import sharp from 'sharp'
import { findProblems } from './problems.js'
import type { Snapshot } from './snapshot.js'

const DRAW_TIMEOUT_MS = 60_000
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2'
}
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="/index.css">
<style>body { margin: 0 }</style>
<div id="root"></div>
<script type="module" src="/index.js"></script>`

/** A palette is enough, because the screenshots have few colours. */
const PNG = { palette: true, colours: 256, dither: 0, effort: 10, compressionLevel: 9 } as const

interface ScreenshotOptions {
  /** The directory of the preview package. */
  readonly directory: string
  readonly file: string
  readonly width: number
}

/**
 * Draws a dashboard in Chromium, and writes a screenshot of the full page.
 * @returns what cannot be read in it
 */
export async function takeScreenshot (snapshot: Snapshot, options: ScreenshotOptions): Promise<string[]> {
  const { directory, file, width } = options
  const server = createPageServer(snapshot, directory).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const browser = await puppeteer.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: [
      '--font-render-hinting=none', '--hide-scrollbars', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      // Chromium refuses to start as root with a sandbox.
      ...process.getuid?.() === 0 ? ['--no-sandbox'] : []
    ],
    defaultViewport: { width, height: estimateHeight(snapshot) }
  })
  try {
    const page = await browser.newPage()
    await draw(page, `http://127.0.0.1:${port}/`, snapshot)
    const problems = await findProblems(page)
    const height = await page.evaluate(() => document.getElementById('root')?.scrollHeight ?? 0)
    const png = await page.screenshot({ clip: { x: 0, y: 0, width, height } })
    await sharp(png).png(PNG).toFile(file)
    return problems
  } finally {
    await browser.close()
    server.close()
  }
}

/** Writes the upper part of a picture to another file. */
export async function cutTop (file: string, target: string, height: number): Promise<void> {
  const { width } = await sharp(file).metadata()
  await sharp(file).extract({ left: 0, top: 0, width, height }).png(PNG).toFile(target)
}

/** A height in which everything fits. Tables draw only the rows that can be seen. */
const estimateHeight = ({ panels }: Snapshot): number =>
  400 + 38 * Math.max(...panels.map(({ panel: { gridPos: { y, h } } }) => y + h))

/** Lists the titles of the tables that have data. */
const listTables = ({ panels }: Snapshot): string[] => panels
  .filter(({ panel, results }) => panel.type === 'table' && results.some(({ series }) => series.length > 0))
  .map(({ panel }) => panel.title)

/** Opens the page, and waits until it is drawn. */
async function draw (page: Page, url: string, snapshot: Snapshot): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => page.on('pageerror', reject))
  try {
    await page.goto(url)
    const drawn = page.waitForFunction('window.drawn === true || undefined', { timeout: DRAW_TIMEOUT_MS })
    // A table draws its rows later than the rest.
    const haveRows = page.waitForFunction((titles: readonly string[]) => titles.every(title =>
      document.querySelector(`[data-panel="${title}"] [role=gridcell]`) !== null
    ), { timeout: DRAW_TIMEOUT_MS }, listTables(snapshot))
    await Promise.race([Promise.all([drawn, haveRows]), failed])
  } catch (cause) {
    throw new Error(`Drawing ${snapshot.title} failed.`, { cause })
  }
}

/** Serves the page, its data, and Grafana's icons at the paths where its components request them. */
const createPageServer = (snapshot: Snapshot, directory: string) => createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
  if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE)
  if (path === '/snapshot.json') {
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(snapshot))
  }
  const [, icon] = /^\/public\/build\/(img\/icons\/.*)$/.exec(path) ?? []
  const file = icon === undefined
    ? join(directory, 'dist/page', path)
    : join(directory, 'node_modules/@grafana/ui/dist/public', icon)
  if (!existsSync(file)) return response.writeHead(404).end()
  response.setHeader('content-type', CONTENT_TYPES[extname(file)] ?? 'application/octet-stream')
  return createReadStream(file).pipe(response)
})
