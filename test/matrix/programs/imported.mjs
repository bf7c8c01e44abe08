// Prints what an application that imports the package has.
import Fastify from 'fastify'
import * as exported from 'dynoai-metrics'
import { scrape } from './scrape.cjs'

const { default: dynoaiMetrics, dynoaiMetrics: named } = exported
const fastify = Fastify()
await fastify.register(dynoaiMetrics)
fastify.metrics.analysisTotal.inc()
const { statusCode, body } = await scrape(fastify)
await fastify.close()
console.log(JSON.stringify({
  exports: Object.keys(exported).sort(),
  isOne: named === dynoaiMetrics,
  statusCode,
  counts: ['dynoai_analysis_total{status="success",source="upload"} 1\n', '\nprocess_cpu_seconds_total '].every(sample => body.includes(sample))
}))
