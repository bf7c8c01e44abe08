import { serveParent } from './child.js'
import { createSharedSeries } from './shared-series.js'

/** CPU time of a process since its start, and when that was read, in microseconds. */
export interface CpuTime {
  readonly cpu: number
  readonly at: number
}

// A process that observes a value in each of its series once a second. It reports its CPU time.
// Arguments: the directory that it shares, or '' for a process alone; the number of series.
const [directory = '', series] = process.argv.slice(2)
const { fastify, observeAll } = await createSharedSeries(directory, Number(series))
await fastify.ready()
observeAll()
setInterval(observeAll, 1000)

function readCpuTime (): CpuTime {
  const { user, system } = process.cpuUsage()
  return { cpu: user + system, at: 1000 * performance.now() }
}

serveParent({}, readCpuTime, () => process.exit())
