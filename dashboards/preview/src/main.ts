import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { collectSnapshot, findEmptyPanels } from './collect.js'
import { Instance } from './instance.js'
import { startPrometheus } from './prometheus.js'
import type { Prometheus } from './prometheus.js'
import { takeScreenshot } from './screenshot.js'
import type { DashboardJson, Snapshot } from './snapshot.js'

/** Snapshots by the name of the dashboard's file. */
type Snapshots = Record<string, Snapshot>

const DASHBOARDS = ['dynoai-dashboard', 'dynoai-slo', 'dynoai-node'] as const
const RULES = ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml']
/** Time before the first point, so its rates have enough samples. */
const WARM_UP_SECONDS = 30
/** Longer than 5 minutes, the shortest window of a burn rate. Otherwise, all burn rates would be equal. */
const SHOWN_SECONDS = 480
const STEP_SECONDS = 5
/** The part of the shown time after which a process is restarted, as in a deployment. */
const RESTART_AT = 0.6

// npm runs this script in the directory of the preview package.
const preview = process.cwd()
const root = resolve(preview, '../..')
const dataFile = join(preview, 'dist/snapshots.json')
process.chdir(root)

const snapshots = process.argv.includes('--again')
  ? JSON.parse(readFileSync(dataFile, 'utf8')) as Snapshots
  : await measure()
mkdirSync('dashboards/pictures', { recursive: true })
for (const [name, snapshot] of Object.entries(snapshots)) {
  for (const title of findEmptyPanels(snapshot)) console.log(`${name}: '${title}' has no data`)
  await takeScreenshot(snapshot, preview, `dashboards/pictures/${name}.png`)
  console.log(`dashboards/pictures/${name}.png`)
}

/** Runs two processes of the example service for some minutes, and collects snapshots of all dashboards. */
async function measure (): Promise<Snapshots> {
  const instances = [new Instance(), new Instance()] as const
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort())
  const { signal } = stopping
  let traffic: Promise<unknown> = Promise.resolve()
  try {
    await Promise.all(instances.map(instance => instance.start()))
    const targets = instances.map(({ origin }, i) =>
      ({ address: new URL(origin).host, instance: `dynoai-${i + 1}:5001` }))
    const prometheus = await startPrometheus(targets, RULES)
    try {
      console.log(`Measuring for ${WARM_UP_SECONDS + SHOWN_SECONDS} seconds…`)
      traffic = Promise.all(instances.map((instance, i) => instance.sendTraffic(i, signal)))
      await sleep(1000 * (WARM_UP_SECONDS + RESTART_AT * SHOWN_SECONDS), undefined, { signal })
      await instances[1].close()
      await instances[1].start()
      await sleep(1000 * (1 - RESTART_AT) * SHOWN_SECONDS, undefined, { signal })

      // The range ends between two labels of the time axis. A label at its end would be truncated.
      const end = Math.ceil((Date.now() / 1000 - 20) / 30) * 30 + 20
      await sleep(1000 * end - Date.now(), undefined, { signal })
      const collected = await collectAll(prometheus, end)
      writeFileSync(dataFile, JSON.stringify(collected))
      return collected
    } finally {
      await prometheus.close()
    }
  } finally {
    stopping.abort()
    await Promise.all(instances.map(instance => instance.close()))
    await traffic
  }
}

async function collectAll (prometheus: Prometheus, end: number): Promise<Snapshots> {
  const range = { start: end - SHOWN_SECONDS, end, step: STEP_SECONDS }
  const collected: Snapshots = {}
  for (const name of DASHBOARDS) {
    const dashboard = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8')) as DashboardJson
    collected[name] = await collectSnapshot(prometheus, dashboard, range)
  }
  return collected
}
