import t from 'tap'
import { Pushgateway } from 'prom-client'
import { createMeasuredFastify } from '../fixtures/app.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { startPrometheus } from '../fixtures/integration/prometheus.js'
import { startPushgateway } from '../fixtures/integration/pushgateway.js'
import { parseSamples } from '../fixtures/samples.js'
import { startProcess } from '../examples/dynoai-api/start-process.js'

const readGateway = async (origin: string): Promise<Map<string, number>> =>
  parseSamples(await (await fetch(`${origin}/metrics`)).text())

t.test('a Pushgateway takes all metrics of an instance, and replaces them with the next push', async t => {
  const origin = await startPushgateway(t)
  const fastify = await createMeasuredFastify(t, { runtimeMetrics: true, requests: { sizes: true } })
  fastify.get('/api/status/:runId', async () => 'ok')
  fastify.metrics.analysisDurationSeconds.observe(0.75)
  const gateway = new Pushgateway(origin, {}, fastify.metrics.registry)
  for (const requests of [1, 2]) {
    await fastify.inject('/api/status/"1"')
    await gateway.push({ jobName: 'import', groupings: { shop: 'north' } })
    const pushed = await readGateway(origin)
    const labels = 'instance="",job="import"'
    const route = 'method="GET",path="/api/status/:runId"'
    t.equal(pushed.get(`dynoai_request_duration_seconds_count{${labels},${route},shop="north",status="200"}`), requests)
    t.equal(pushed.get(`dynoai_requests_total{${labels},method="GET",shop="north",status="200"}`), requests)
    t.equal(pushed.get(`push_failure_time_seconds{${labels},shop="north"}`), 0)
  }

  await gateway.delete({ jobName: 'import', groupings: { shop: 'north' } })
  const left = [...(await readGateway(origin)).keys()].filter(name => name.includes('job="import"'))
  t.strictSame(left, [])
})

testWithEachPrometheus('Prometheus reads what a job has pushed, under its name', async (t, program) => {
  const origin = await startPushgateway(t)
  const job = startProcess(t, '../job/main.js', { UPLOADS: t.testdir({ 'new.csv': '' }), PUSHGATEWAY_URL: origin })
  t.same(await job.closed(), [0, null], job.output())
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{
      job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: [new URL(origin).host] }]
    }]
  }, { program })
  const [removed] = await prometheus.until('cleanup_files_removed')
  t.match(removed, { metric: { job: 'cleanup' }, value: [Number, '0'] })
  const [late] = await prometheus.until('time() - cleanup_last_success_timestamp_seconds{job="cleanup"} < 3600')
  t.ok(late)
})
