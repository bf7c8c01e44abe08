const Fastify = require('fastify')

const SAMPLES = ['dynoai_analysis_total{status="success",source="upload"} 1\n', '\nprocess_cpu_seconds_total ']

/**
 * Reads the endpoint over a connection. `inject` needs a version of Node that can `require` ES modules: 20.19 or 22.12.
 */
async function scrape (fastify) {
  const address = await fastify.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(`${address}/metrics`)
  return { statusCode: response.status, body: await response.text() }
}

/** Returns the status of a scrape of an application with the plugin, and whether it has the expected samples. */
async function measure (dynoaiMetrics) {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics)
  fastify.metrics.analysisTotal.inc()
  const { statusCode, body } = await scrape(fastify)
  await fastify.close()
  return { statusCode, counts: SAMPLES.every(sample => body.includes(sample)) }
}

exports.scrape = scrape
exports.measure = measure
