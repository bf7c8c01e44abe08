// A process of the example service, started by `instance.ts`. The sources of the example are loaded as the project
// compiles them, because a bundle would not find the file of its worker thread.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ServiceSettings } from './instance.js'

/** How the version with a fault blocks its event loop. */
const BLOCK_MS = 700
const BLOCK_INTERVAL_MS = 4000

const example = pathToFileURL(resolve('dist/examples/dynoai-api/app.js')).href
const { buildApp } = await import(example) as typeof import('../../../examples/dynoai-api/app.js')

const settings = JSON.parse(process.argv[2] ?? '') as ServiceSettings
const { version, isFaulty, port, directory, jetstream } = settings
mkdirSync(directory, { recursive: true })
const app = await buildApp({
  metrics: { appInfo: { version } },
  runs: { directory },
  jetstream: { ...jetstream, pollIntervalMs: 5000 }
})
await app.listen({ host: '127.0.0.1', port })
// Also if the script that started it is killed.
process.once('disconnect', () => { app.close() })
process.once('SIGTERM', () => process.disconnect?.())
if (isFaulty) breakService()
process.send?.(app.server.address())

/** Deletes the folder in which uploads are stored, so that each upload fails, and blocks the event loop in bursts. */
function breakService (): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true })
  setInterval(() => {
    const end = performance.now() + BLOCK_MS
    while (performance.now() < end);
  }, BLOCK_INTERVAL_MS).unref()
}
