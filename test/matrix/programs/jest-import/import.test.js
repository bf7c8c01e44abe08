/* global expect, test */
import Fastify from 'fastify'
import dynoaiMetrics, { dynoaiMetrics as named } from 'dynoai-metrics'
import { scrape } from '../scrape.cjs'

test('a test whose imports Babel compiles to require measures its application', async () => {
  expect(named).toBe(dynoaiMetrics)
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics)
  fastify.metrics.analysisTotal.inc()
  expect((await scrape(fastify)).body).toContain('dynoai_analysis_total{status="success",source="upload"} 1')
  await fastify.close()
})
