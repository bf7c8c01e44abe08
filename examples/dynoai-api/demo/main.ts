import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../app.js'
import { readEnvironment } from '../environment.js'
import { startStub } from '../jetstream/stub.js'
import { describeAddresses, metricsAddress } from '../metrics-address.js'
import { createReporter } from './reporter.js'
import { Traffic } from './traffic.js'

const SUMMARY_INTERVAL_MS = 2000
/** Much shorter than in production, so every metric soon has values. */
const JETSTREAM_POLL_INTERVAL_MS = 5000

try {
  const { host, port, metricsPath, metricsToken } = readEnvironment(process.env)
  const stub = await startStub()
  try {
    const { url, token } = stub
    const app = await buildApp({ jetstream: { url, token, pollIntervalMs: JETSTREAM_POLL_INTERVAL_MS } })
    try {
      const origin = await app.listen({ host, port })
      await runDemo(origin, metricsAddress(app.metrics, origin, metricsPath), metricsToken)
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

async function runDemo (origin: string, metricsUrl: string | undefined, token: string | undefined): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const stop = () => controller.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  console.log(`A DynoAI API with traffic ${describeAddresses(origin, metricsUrl)}`)
  const authorization = token === undefined ? '' : ' --oauth2-bearer "$METRICS_BEARER_TOKEN"'
  if (metricsUrl !== undefined) console.log(`Try: curl -s${authorization} ${metricsUrl} | grep dynoai_analysis`)
  console.log('Press Ctrl-C to stop.')

  const traffic = new Traffic({ origin })
  const sending = traffic.send(signal)
  try {
    await (metricsUrl === undefined ? once(signal, 'abort') : printSummaries(metricsUrl, token, signal))
  } finally {
    stop()
    await sending
  }
  console.log(`Traffic stopped after ${traffic.tally.requests} requests.`)
}

async function printSummaries (metricsUrl: string, token: string | undefined, signal: AbortSignal): Promise<void> {
  const report = createReporter(metricsUrl, token)
  while (!signal.aborted) {
    // Rejects when the signal is aborted.
    await sleep(SUMMARY_INTERVAL_MS, undefined, { signal }).catch(() => {})
    console.log(await report())
  }
}
