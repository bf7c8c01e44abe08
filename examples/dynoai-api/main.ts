import { readAppOptions } from './app-options.js'
import { buildApp } from './app.js'
import { readEnvironment } from './environment.js'
import { describeAddresses, metricsAddress } from './metrics-address.js'

try {
  const { host, port, metricsPath } = readEnvironment(process.env)
  const app = await buildApp(readAppOptions(process.env))
  const close = (): void => { app.close().catch(fail) }
  process.once('SIGINT', close).once('SIGTERM', close)
  try {
    const address = await app.listen({ host, port })
    console.log(`The DynoAI API ${describeAddresses(address, metricsAddress(app.metrics, address, metricsPath))}`)
  } catch (error) {
    await app.close()
    throw error
  }
} catch (error) {
  fail(error)
}

function fail (error: unknown): void {
  console.error((error as Error).message)
  process.exitCode = 1
}
