// A job that ends: it removes old uploads, and pushes what it has done to a Pushgateway, which Prometheus scrapes.
//
//   UPLOADS=/srv/dynoai/uploads PUSHGATEWAY_URL=http://localhost:9091 node dist/examples/job/main.js
import Fastify from 'fastify'
import dynoaiMetrics from 'dynoai-metrics'
import { Pushgateway } from 'prom-client'
import { removeOldFiles } from './remove-old-files.js'

const WEEK = 7 * 24 * 60 * 60 * 1000

const { UPLOADS: directory, PUSHGATEWAY_URL: gateway } = process.env

try {
  if (directory === undefined || gateway === undefined) throw new Error('Set UPLOADS and PUSHGATEWAY_URL.')
  // Only the metrics of the job. Runtime metrics of a process that has ended would stay in the Pushgateway.
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, {
    metricPrefix: 'cleanup', dynoai: false, requests: false, uploads: false, runtimeMetrics: false, endpoint: false
  })
  const { filesRemoved, durationSeconds, lastSuccessTimestampSeconds } = fastify.metrics.define({
    filesRemoved: { type: 'gauge', help: 'Files that the last run removed' },
    durationSeconds: { type: 'gauge', help: 'Duration of the last run' },
    lastSuccessTimestampSeconds: { type: 'gauge', help: 'When the job succeeded last, in seconds since 1970' }
  })

  const startedAt = performance.now()
  filesRemoved.set(await removeOldFiles(directory, WEEK))
  durationSeconds.set((performance.now() - startedAt) / 1000)
  lastSuccessTimestampSeconds.set(Date.now() / 1000)
  await new Pushgateway(gateway, { timeout: 10_000 }, fastify.metrics.registry).push({ jobName: 'cleanup' })
  await fastify.close()
} catch (error) {
  // A job that fails pushes nothing, so an alert on the time of the last success sees it.
  console.error((error as Error).message)
  process.exitCode = 1
}
