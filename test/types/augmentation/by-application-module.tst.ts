import Fastify from 'fastify'
import { expect, test } from 'tstyche'
import dynoaiMetrics, { dynoaiMetrics as named } from './metrics.js'
import type { BusinessMetrics, GaugeHandle, HandlesOf, MetricDefinitions } from './metrics.js'

const garage = {
  liftedCars: { type: 'gauge', help: 'Cars on a lift', labels: { lift: ['left', 'right'] } }
} as const satisfies MetricDefinitions

declare module './metrics.js' {
  interface BusinessMetrics extends HandlesOf<typeof garage> {}
}

const fastify = Fastify()

test('an application can declare its metrics in a module that re-exports the package', () => {
  expect(fastify.register).type.toBeCallableWith(dynoaiMetrics, { metrics: garage })
  expect(fastify.metrics.liftedCars).type.toBe<GaugeHandle<{ readonly lift: 'left' | 'right' }>>()
  expect<BusinessMetrics['liftedCars']>().type.toBe<GaugeHandle<{ readonly lift: 'left' | 'right' }>>()
  expect(named).type.toBe<typeof dynoaiMetrics>()
})

test('the labels of these metrics and of the DynoAI metrics are checked', () => {
  expect(fastify.metrics.liftedCars.set).type.toBeCallableWith({ lift: 'left' }, 1)
  expect(fastify.metrics.liftedCars.set).type.not.toBeCallableWith(1)
  expect(fastify.metrics.liftedCars.set).type.not.toBeCallableWith({ lift: 'middle' }, 1)
  expect(fastify.metrics.analysisTotal.inc).type.toBeCallableWith({ source: 'upload' })
})
