import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../app.js'
import { readEnvironment } from '../environment.js'
import { startStub } from '../jetstream/stub.js'
import { createReporter } from './reporter.js'
import { Traffic } from './traffic.js'

const FIGURES_EVERY_MS = 2000
/** Far more often than a service would, so that soon every metric has values. */
const POLL_JETSTREAM_EVERY_MS = 5000

try {
  const { host, port } = readEnvironment(process.env)
  const stub = await startStub()
  try {
    const { url, token } = stub
    const app = await buildApp({ jetstream: { url, token, pollIntervalMs: POLL_JETSTREAM_EVERY_MS } })
    await app.listen({ host, port }).then(demonstrate).finally(() => app.close())
  } finally {
    await stub.close()
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function demonstrate (origin: string): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const metricsUrl = origin + (process.env.METRICS_PATH?.trim() || '/metrics')
  console.log(`A DynoAI API with traffic listens at ${origin}, its metrics are at ${metricsUrl}\n` +
    `Try: curl -s ${metricsUrl} | grep dynoai_analysis\nCtrl-C ends it.`)

  const traffic = new Traffic({ origin })
  const sending = traffic.send(stopping.signal)
  try {
    await printFigures(metricsUrl, stopping.signal)
  } finally {
    stop()
    await sending
  }
  console.log(`The traffic has ended after ${traffic.tally.requests} requests.`)
}

async function printFigures (metricsUrl: string, signal: AbortSignal): Promise<void> {
  const report = createReporter(metricsUrl)
  while (!signal.aborted) {
    // Rejects when it is time to stop.
    await sleep(FIGURES_EVERY_MS, undefined, { signal }).catch(() => {})
    console.log(await report())
  }
}
