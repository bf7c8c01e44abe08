import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { photograph } from './browser.js'
import { collect, emptyPanels } from './collect.js'
import type { Range } from './collect.js'
import type { DashboardJson, Picture } from './picture.js'
import { startPrometheus } from './prometheus.js'
import { Instance } from './service.js'

const DASHBOARDS = ['dynoai-dashboard', 'dynoai-slo', 'dynoai-node'] as const
/** Until every rate of the first point drawn has its samples. */
const WARM_UP_SECONDS = 30
/** Longer than the shortest window of a burn rate, so that the windows differ. */
const SHOWN_SECONDS = 480
const STEP_SECONDS = 5
/** When one of the processes is started anew, as after a deployment. */
const RESTART_AT = 0.6

// npm runs this in its own directory.
const preview = process.cwd()
const root = resolve(preview, '../..')
const dataFile = join(preview, 'dist/pictures.json')
process.chdir(root)

const pictures = process.argv.includes('--again') ? JSON.parse(readFileSync(dataFile, 'utf8')) as Record<string, Picture> : await measure()
mkdirSync('dashboards/pictures', { recursive: true })
for (const [name, picture] of Object.entries(pictures)) {
  for (const title of emptyPanels(picture)) console.log(`${name}: '${title}' has no data`)
  await photograph(picture, preview, `dashboards/pictures/${name}.png`)
  console.log(`dashboards/pictures/${name}.png`)
}

/** Lets two processes of the example work for some minutes, and asks a Prometheus for what the dashboards show of them. */
async function measure (): Promise<Record<string, Picture>> {
  const instances = [new Instance(), new Instance()] as const
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort())
  const { signal } = stopping
  let traffic: Promise<unknown> = Promise.resolve()
  try {
    await Promise.all(instances.map(instance => instance.start()))
    const targets = instances.map(({ origin }, i) => ({ address: new URL(origin).host, instance: `dynoai-${i + 1}:5001` }))
    const prometheus = await startPrometheus(targets, ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml'])
    try {
      console.log(`Measuring for ${WARM_UP_SECONDS + SHOWN_SECONDS} seconds…`)
      traffic = Promise.all(instances.map((instance, i) => instance.swamp(i, signal)))
      await sleep(1000 * (WARM_UP_SECONDS + RESTART_AT * SHOWN_SECONDS), undefined, { signal })
      await instances[1].close()
      await instances[1].start()
      await sleep(1000 * (1 - RESTART_AT) * SHOWN_SECONDS, undefined, { signal })

      // Between two labels of the time axis: one at its end would be cut off.
      const end = Math.ceil((Date.now() / 1000 - 20) / 30) * 30 + 20
      await sleep(1000 * end - Date.now(), undefined, { signal })
      const range: Range = { start: end - SHOWN_SECONDS, end, step: STEP_SECONDS }
      const pictures: Record<string, Picture> = {}
      for (const name of DASHBOARDS) {
        const dashboard = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8')) as DashboardJson
        pictures[name] = await collect(prometheus, dashboard, range)
      }
      writeFileSync(dataFile, JSON.stringify(pictures))
      return pictures
    } finally {
      await prometheus.close()
    }
  } finally {
    stopping.abort()
    await Promise.all(instances.map(instance => instance.close()))
    await traffic
  }
}
