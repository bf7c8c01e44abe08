/* global expect, test */
const Fastify = require('fastify')
const dynoaiMetrics = require('dynoai-metrics')
const { scrape } = require('../scrape.cjs')

test('a test that requires the package measures its application', async () => {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics)
  fastify.metrics.analysisTotal.inc()
  expect((await scrape(fastify)).body).toContain('dynoai_analysis_total{status="success",source="upload"} 1')
  await fastify.close()
})
