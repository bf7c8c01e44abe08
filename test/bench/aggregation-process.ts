import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { AggregatorRegistry } from 'prom-client'
import { serveParent } from './child.js'
import { toggleMonitor } from './event-loop.js'

// The primary of a cluster whose workers have prom-client's metrics. It answers scrapes with their sums. Each request
// of the parent process starts or stops watching its event loop. Arguments: the number of workers, and of series.
const [workers, series = ''] = process.argv.slice(2)
cluster.setupPrimary({
  exec: fileURLToPath(new URL('aggregation-worker.js', import.meta.url)), args: [series], execArgv: []
})
const registry = new AggregatorRegistry()
const ready = Array.from({ length: Number(workers) }, async () => await once(cluster.fork(), 'message'))
await Promise.all(ready)
const server = createServer((_request, response) => {
  registry.clusterMetrics().then(text => {
    response.writeHead(200, { 'content-type': registry.contentType }).end(text)
  }, () => { response.writeHead(504).end() })
})
// prom-client throws here when a worker responds after the timeout.
process.on('uncaughtException', () => {})
await once(server.listen(0, '127.0.0.1'), 'listening')
// A server that listens on a port has an address of this type.
const { port } = server.address() as AddressInfo
serveParent({ origin: `http://127.0.0.1:${port}`, pid: process.pid }, toggleMonitor(), () => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
  process.exit()
})
