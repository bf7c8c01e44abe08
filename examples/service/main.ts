// One process of the service. The same file runs alone, as a worker of examples/cluster, under PM2, in systemd units
// and in containers.
import cluster from 'node:cluster'
import { buildService } from './app.js'
import { readEnvironment } from './environment.js'

try {
  const { directory, listen } = readEnvironment(process.env, process.pid)
  const app = await buildService({
    logger: { level: 'warn' },
    // By default, the workers of a cluster share one scrape. Other processes that do need a directory.
    metrics: directory === undefined ? {} : { processes: { directory } }
  })
  // Without this listener, a signal would end the process at once, and its counts of the last second would be lost.
  const stop = (): void => {
    // A worker runs until its connection to the primary is closed.
    app.close().then(() => cluster.worker?.disconnect(), fail)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    console.log(`Process ${process.pid} listens at ${await app.listen(listen)}`)
  } catch (error) {
    await app.close()
    throw error
  }
} catch (error) {
  fail(error)
  cluster.worker?.disconnect()
}

function fail (error: unknown): void {
  console.error((error as Error).message)
  process.exitCode = 1
}
