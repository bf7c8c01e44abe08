import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../app.js'
import { readEnvironment } from '../environment.js'
import { startStub } from '../jetstream/stub.js'
import { describeAddresses, metricsAddress } from '../metrics-address.js'
import { createReporter } from './reporter.js'
import { Traffic } from './traffic.js'

const FIGURES_EVERY_MS = 2000
/** Far more often than a service would, so that soon every metric has values. */
const POLL_JETSTREAM_EVERY_MS = 5000

try {
  const { host, port, metricsPath, metricsToken } = readEnvironment(process.env)
  const stub = await startStub()
  try {
    const { url, token } = stub
    const app = await buildApp({ jetstream: { url, token, pollIntervalMs: POLL_JETSTREAM_EVERY_MS } })
    try {
      const origin = await app.listen({ host, port })
      await demonstrate(origin, metricsAddress(app.metrics, origin, metricsPath), metricsToken)
    } finally {
      await app.close()
    }
  } finally {
    await stub.close()
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function demonstrate (origin: string, metrics: string | undefined, token: string | undefined): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  console.log(`A DynoAI API with traffic ${describeAddresses(origin, metrics)}`)
  const authorization = token === undefined ? '' : ' --oauth2-bearer "$METRICS_BEARER_TOKEN"'
  if (metrics !== undefined) console.log(`Try: curl -s${authorization} ${metrics} | grep dynoai_analysis`)
  console.log('Ctrl-C ends it.')

  const traffic = new Traffic({ origin })
  const sending = traffic.send(stopping.signal)
  try {
    await (metrics === undefined ? once(stopping.signal, 'abort') : printFigures(metrics, token, stopping.signal))
  } finally {
    stop()
    await sending
  }
  console.log(`The traffic has ended after ${traffic.tally.requests} requests.`)
}

async function printFigures (metricsUrl: string, token: string | undefined, signal: AbortSignal): Promise<void> {
  const report = createReporter(metricsUrl, token)
  while (!signal.aborted) {
    // Rejects when it is time to stop.
    await sleep(FIGURES_EVERY_MS, undefined, { signal }).catch(() => {})
    console.log(await report())
  }
}
