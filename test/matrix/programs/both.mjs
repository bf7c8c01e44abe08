// One process with two copies of the package, one imported and one required; prints how they detect each other.
import { createRequire } from 'node:module'
import Fastify from 'fastify'
import imported from 'dynoai-metrics'
import { scrape } from './scrape.cjs'

const required = createRequire(import.meta.url)('dynoai-metrics')
const copies = [imported, required]

/** Registers both copies on one instance, and returns the code of the error. */
async function registerBoth (first, second) {
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

// prom-client's monitor of the event loop cannot be stopped, so a process must have only one.
const performance = createRequire(import.meta.url)('node:perf_hooks')
const { monitorEventLoopDelay } = performance
let monitors = 0
performance.monitorEventLoopDelay = options => {
  monitors++
  return monitorEventLoopDelay(options)
}

const codes = [await registerBoth(imported, required), await registerBoth(required, imported)]
const [first, other] = copies.map(() => Fastify())
await first.register(imported)
await other.register(required)

// In a shared registry, the metrics of one copy are external to the other copy, which also exposes them.
const registry = first.metrics.registry
const second = Fastify()
await second.register(required, { registry, metricPrefix: 'second' })
first.metrics.analysisTotal.inc()
second.metrics.analysisTotal.inc(2)
const taken = await Fastify().register(required, { registry }).then(() => null, err => err.code)
const samples = await Promise.all([first, second].map(async fastify => {
  const { body } = await scrape(fastify)
  return body.split('\n').filter(line => /_analysis_total\{status="success",source="upload"\}/.test(line)).sort()
}))
for (const fastify of [first, other, second]) await fastify.close()
console.log(JSON.stringify({ areTwo: imported !== required, codes, monitors, taken, samples }))
