import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { extname, join, normalize } from 'node:path'
import puppeteer from 'puppeteer-core'
import sharp from 'sharp'
import type { Picture } from './picture.js'

const WIDTH = 1600
const DRAWN_WITHIN_MS = 60_000
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="/index.css">
<style>body { margin: 0 }</style>
<div id="root"></div>
<script type="module" src="/index.js"></script>`

/** Draws a dashboard in Chromium, and writes the picture of the whole page. */
export async function photograph (picture: Picture, directory: string, file: string): Promise<void> {
  const server = serve(picture, directory).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = await puppeteer.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: [
      '--font-render-hinting=none', '--hide-scrollbars', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      // It refuses to start for root with one.
      ...process.getuid?.() === 0 ? ['--no-sandbox'] : []
    ],
    defaultViewport: { width: WIDTH, height: 900 }
  })
  try {
    const page = await browser.newPage()
    const errors: unknown[] = []
    page.on('pageerror', error => errors.push(error))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction('window.drawn === true || undefined', { timeout: DRAWN_WITHIN_MS }).catch(error => errors.unshift(error))
    if (errors.length > 0) throw new AggregateError(errors, `${picture.title} is not drawn.`)
    const cut = await page.$$eval('h2', titles => titles.filter(title => title.scrollWidth > title.clientWidth).map(title => title.textContent))
    for (const title of cut) console.log(`${picture.title}: there is no room for '${title}'`)
    const png = await page.screenshot({ fullPage: true, captureBeyondViewport: false })
    // The pictures are of few colours.
    await sharp(png).png({ palette: true, colours: 256, dither: 0, effort: 10, compressionLevel: 9 }).toFile(file)
  } finally {
    await browser.close()
    server.close()
  }
}

/** The page, the dashboard as data, and the icons of Grafana where its components look for them. */
const serve = (picture: Picture, directory: string) => createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
  if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE)
  if (path === '/picture.json') return response.setHeader('content-type', 'application/json').end(JSON.stringify(picture))
  const [, icon] = /^\/public\/build\/(img\/icons\/.*)$/.exec(path) ?? []
  const file = icon === undefined ? join(directory, 'dist/page', path) : join(directory, 'node_modules/@grafana/ui/dist/public', icon)
  if (!existsSync(file)) return response.writeHead(404).end()
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
  return createReadStream(file).pipe(response)
})
