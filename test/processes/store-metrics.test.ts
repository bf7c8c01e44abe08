import t from 'tap'
import type { Test } from 'tap'
import { isStored } from '../../lib/exposition/encode-families.js'
import { joinedMetrics } from '../../lib/registry/join.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import type { DerivedMetric, PluginMetric } from '../../lib/registry/plugin-metric.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { MergedSlots, seriesOf, writeSlot } from '../fixtures/processes/slots.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

/** The metrics of a plugin with all that it measures, while a request of an analysis is in flight. */
async function createMetrics (t: Test): Promise<PluginMetric[]> {
  const gauge = { type: 'gauge', help: 'Load' } as const
  const fastify = await createMeasuredFastify(t, {
    runtimeMetrics: false,
    requests: { sizes: true, labels: { tenant: ({ headers }) => String(headers['x-tenant']) } }
  })
  const { load, peak, linesTotal } = fastify.metrics.define({
    load: gauge,
    peak: { ...gauge, aggregator: 'max', labels: { disk: [] } },
    linesTotal: { type: 'counter', help: 'Lines', labels: { kind: ['a', 'b'], file: [] }, expireAfter: 60 }
  })
  load.set(5)
  peak.set({ disk: 'a' }, 7)
  linesTotal.inc({ kind: 'b', file: 'x' }, 3)
  load.set(NaN)
  fastify.metrics.veCorrectionsCount.observe(12)
  const { promise: released, resolve: release } = promiseWithResolvers()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  fastify.get('/x', async () => 'ok')
  fastify.post('/x', async () => { throw new Error('fails') })
  fastify.get('/wait', { config: { metrics: { analysis: {} } } }, async () => { arrive(); await released })
  for (const tenant of ['a', 'b']) await fastify.inject({ url: '/x', headers: { 'x-tenant': tenant } })
  for (const url of ['/x', '/nothing']) await fastify.inject({ method: 'POST', url, payload: 'body' })
  await fastify.inject('/metrics')
  const waiting = fastify.inject('/wait')
  t.teardown(async () => { release(); await waiting })
  await arrived
  return [...joinedMetrics(fastify.metrics.registry)].map(metric => pluginMetricOf(metric)!) // of this plugin
}

t.test('all metrics of the plugin are in the store, except info metrics and what follows from the store', async t => {
  const metrics = await createMetrics(t)
  t.strictSame(metrics.filter(metric => !isStored(metric)).map(({ name }) => name), [
    'dynoai_app_info', 'dynoai_exporter_info', 'dynoai_requests_total'
  ])
})

t.test('two processes with the same counts have twice the counts, in every metric of the store', async t => {
  const metrics = await createMetrics(t)
  const families = metrics.filter(metric => isStored(metric))
  const directory = t.testdir()
  writeSlot({ directory, slot: 0, families })
  const slots = new MergedSlots(directory, [0])
  slots.read({ slot: 1, generation: 1, since: 1, families })
  const own = seriesOf(families)
  t.match(own, { 'dynoai_requests_in_flight[]': [1], 'dynoai_active_analyses[]': [1], 'dynoai_load[]': [5] })
  t.strictSame(slots.series, Object.fromEntries(Object.entries(own).map(([series, numbers]) =>
    [series, series.startsWith('dynoai_peak') ? numbers : numbers.map(number => 2 * number)])))
  t.strictSame(slots.merged.families.map(({ name }) => name), families.map(({ name }) => name), 'in the same order')

  const totals = metrics.find(({ name }) => name === 'dynoai_requests_total') as DerivedMetric
  const durations = slots.merged.families.find(({ name }) => name === totals.source.name)
  const expected = [...totals.values()].map(sample => sample && { ...sample, value: 2 * sample.value })
  t.equal(expected.length, 3)
  t.strictSame([...totals.valuesOf(durations!)], expected) // it is among the families
})
