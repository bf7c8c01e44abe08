// One process with two copies of the package, one imported and one required; prints how they know each other.
import { createRequire } from 'node:module'
import Fastify from 'fastify'
import imported from 'dynoai-metrics'
import { scrape } from './scrape.cjs'

const required = createRequire(import.meta.url)('dynoai-metrics')
const copies = [imported, required]

/** The code of the error when the second copy is registered beside the first. */
async function second (first, second) {
  const fastify = Fastify()
  await fastify.register(first)
  try {
    await fastify.register(second, { prefix: '/again' })
  } catch (err) {
    return err.code
  } finally {
    await fastify.close()
  }
}

// Of the metrics of the process, prom-client's monitor of the event loop cannot be stopped: there must be one only.
const performance = createRequire(import.meta.url)('node:perf_hooks')
const { monitorEventLoopDelay } = performance
let monitors = 0
performance.monitorEventLoopDelay = options => {
  monitors++
  return monitorEventLoopDelay(options)
}

const codes = [await second(imported, required), await second(required, imported)]
const [first, other] = copies.map(() => Fastify())
await first.register(imported)
await other.register(required)

// To each other's registries they are foreign: what one has put in is served by the other as metrics of others are.
const registry = first.metrics.registry
const guest = Fastify()
await guest.register(required, { registry, metricPrefix: 'guest' })
first.metrics.analysisTotal.inc()
guest.metrics.analysisTotal.inc(2)
const taken = await Fastify().register(required, { registry }).then(() => null, err => err.code)
const samples = await Promise.all([first, guest].map(async fastify => {
  const { body } = await scrape(fastify)
  return body.split('\n').filter(line => /_analysis_total\{status="success",source="upload"\}/.test(line)).sort()
}))
for (const fastify of [first, other, guest]) await fastify.close()
console.log(JSON.stringify({ areTwo: imported !== required, codes, monitors, taken, samples }))
