// Prints what an application that requires the package has.
const Fastify = require('fastify')
const dynoaiMetrics = require('dynoai-metrics')
const { scrape } = require('./scrape.cjs')

async function main () {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics)
  fastify.metrics.analysisTotal.inc()
  const { statusCode, body } = await scrape(fastify)
  await fastify.close()
  console.log(JSON.stringify({
    exports: Object.keys(dynoaiMetrics).sort(),
    isOne: [dynoaiMetrics.default, dynoaiMetrics.dynoaiMetrics].every(plugin => plugin === dynoaiMetrics),
    statusCode,
    counts: ['dynoai_analysis_total{status="success",source="upload"} 1\n', '\nprocess_cpu_seconds_total '].every(sample => body.includes(sample))
  }))
}

main()
