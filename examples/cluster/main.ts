// Runs the service in several processes at one port, with node:cluster. A scrape of any of them answers for all.
//
//   WORKERS=4 node dist/examples/cluster/main.js
//
// SIGHUP replaces all processes, one after another, without a pause. SIGTERM and SIGINT stop them. KILL_TIMEOUT and
// RESTART_DELAY are milliseconds.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { WorkerPool } from './worker-pool.js'

const {
  WORKERS: size = availableParallelism(),
  KILL_TIMEOUT: killTimeout = 10_000,
  RESTART_DELAY: restartDelay = 1000
} = process.env

cluster.setupPrimary({ exec: fileURLToPath(new URL('../service/main.js', import.meta.url)) })
const pool = new WorkerPool({
  size: Number(size), killTimeout: Number(killTimeout), restartDelay: Number(restartDelay)
})

const stop = (): void => { pool.stop().catch(report) }
process.once('SIGINT', stop).once('SIGTERM', stop)
process.on('SIGHUP', () => { pool.restart().then(() => console.log('All processes are new'), report) })
try {
  await pool.start()
} catch (error) {
  report(error)
  process.exitCode = 1
  await pool.stop()
}

function report (error: unknown): void {
  console.error((error as Error).message)
}
