import { serveParent } from './child.js'
import { toggleMonitor } from './event-loop.js'
import { createSharedSeries } from './shared-series.js'

// A process of a service, with series. Each request of the parent process starts or stops watching its event loop.
// Arguments: the directory, or '' for a process alone; the number of series.
const [directory = '', series] = process.argv.slice(2)
const { fastify, observeAll } = await createSharedSeries(directory, Number(series))
observeAll()
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
serveParent({ origin, pid: process.pid }, toggleMonitor(), () => process.exit())
