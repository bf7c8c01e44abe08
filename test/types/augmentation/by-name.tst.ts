import Fastify from 'fastify'
import dynoaiMetrics from 'dynoai-metrics'
import type { CounterHandle, FastifyMetrics, HandlesOf, HistogramHandle, MetricDefinitions } from 'dynoai-metrics'
import { expect, test } from 'tstyche'
import type { FastifyMetrics as FastifyMetricsOfSource } from '../../../lib/index.js'

const bakery = {
  loavesTotal: {
    type: 'counter', help: 'Loaves baked', labels: { flour: ['rye', 'wheat'], oven: [] }, defaults: { flour: 'rye' }
  },
  loafGrams: { type: 'histogram', help: 'Weight of a loaf', buckets: [250, 500, 1000] }
} as const satisfies MetricDefinitions

declare module 'dynoai-metrics' {
  interface BusinessMetrics extends HandlesOf<typeof bakery> {}
}

const fastify = Fastify()

test('an application can declare its metrics in the module of the package', () => {
  expect(fastify.register).type.toBeCallableWith(dynoaiMetrics, { metrics: bakery })
  expect(fastify.metrics.loavesTotal).type
    .toBe<CounterHandle<{ readonly flour?: 'rye' | 'wheat' | undefined, readonly oven: string | number | boolean }>>()
  expect(fastify.metrics.loafGrams).type.toBe<HistogramHandle<Record<string, never>>>()
  expect<FastifyMetrics['loafGrams']>().type.toBe<HistogramHandle<Record<string, never>>>()
})

test('the labels of these metrics and of the DynoAI metrics are checked', () => {
  expect(fastify.metrics.loavesTotal.inc).type.toBeCallableWith({ oven: 2 })
  expect(fastify.metrics.loavesTotal.inc).type.not.toBeCallableWith()
  expect(fastify.metrics.loavesTotal.inc).type.not.toBeCallableWith({ oven: 2, flour: 'spelt' })
  expect(fastify.metrics.loavesTotal.inc).type.not.toBeCallableWith({ oven: 2, colour: 'brown' })
  expect(fastify.metrics.loafGrams.observe).type.not.toBeCallableWith({ flour: 'rye' }, 500)
  expect(fastify.metrics.analysisTotal.inc).type.toBeCallableWith({ source: 'upload' })
})

test('the name of the package resolves to the sources', () => {
  expect<FastifyMetrics>().type.toBe<FastifyMetricsOfSource>()
})
