import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { collectAll } from './collect.js'
import { writeHistory } from './history.js'
import { runIncident, startInstances } from './incident.js'
import { Instance } from './instance.js'
import { startJetstream } from './jetstream.js'
import { startPrometheus } from './prometheus.js'
import type { Snapshots } from './snapshot.js'
import { sendTraffic } from './traffic.js'

const RULES = ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml']
/** Time before the first point, so its rates have enough samples. */
const WARM_UP_SECONDS = 30
/** Longer than 5 minutes, the shortest window of a burn rate. Otherwise, all burn rates would be equal. */
const SHOWN_SECONDS = 480
const STEP_SECONDS = 5

/** Runs two processes of the example service and the incident, and collects snapshots of all dashboards. */
export async function measure (program: string): Promise<Snapshots> {
  const directory = mkdtempSync(join(tmpdir(), 'dynoai-pictures-uploads-'))
  const jetstream = await startJetstream()
  const stopping = new AbortController()
  const { signal } = stopping
  const create = (name: string) => new Instance({
    program,
    settings: { directory: join(directory, name), jetstream },
    // Ends the waiting, with this error as the cause.
    onFailure: error => stopping.abort(error)
  })
  const instances = [create('first'), create('second')] as const
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  let traffic: Promise<unknown> = Promise.resolve()
  try {
    await startInstances(instances)
    const targets = instances.map(({ origin }, i) =>
      ({ address: new URL(origin).host, instance: `dynoai-${i + 1}:5001` }))
    const prometheus = await startPrometheus({
      targets,
      rules: RULES,
      prepareStorage: directory => writeHistory(directory, targets.map(({ instance }) => instance), Date.now())
    })
    try {
      traffic = Promise.all(instances.map(({ origin }, i) => sendTraffic(origin, i, signal)))
      // The range ends between two labels of the time axis. A label at its end would be truncated.
      const end = Math.ceil((Date.now() / 1000 + WARM_UP_SECONDS + SHOWN_SECONDS - 20) / 30) * 30 + 20
      console.log(`Measuring until ${new Date(1000 * end).toISOString()}…`)
      await runIncident({ instances, jetstream }, 1000 * (end - SHOWN_SECONDS), signal)
      await sleep(1000 * end - Date.now(), undefined, { signal })
      return await collectAll(prometheus, { start: end - SHOWN_SECONDS, end, step: STEP_SECONDS })
    } finally {
      await prometheus.close()
    }
  } finally {
    stop()
    await Promise.all(instances.map(instance => instance.close()))
    await jetstream.close()
    await traffic
    rmSync(directory, { recursive: true, force: true })
  }
}
