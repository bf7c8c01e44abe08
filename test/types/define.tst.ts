import type { FastifyInstance } from 'fastify'
import { describe, expect, test } from 'tstyche'
import type { CounterHandle, GaugeHandle, HistogramHandle } from '../../lib/index.js'

declare const fastify: FastifyInstance

describe('define', () => {
  const handles = fastify.metrics.define({
    ordersTotal: {
      type: 'counter',
      help: 'Orders',
      labels: { status: ['ok', 'failed'], shop: [] },
      defaults: { status: 'ok' },
      expireAfter: 60
    },
    basketBytes: { type: 'histogram', help: 'Basket', buckets: [1, 2] },
    queueLength: {
      type: 'gauge', help: 'Queue', labels: { queue: [] }, collect: () => [{ labels: { queue: 'a' }, value: 1 }]
    }
  })

  test('returns handles with types from the definitions, without `as const`', () => {
    expect(handles.ordersTotal).type
      .toBe<CounterHandle<{
        readonly status?: 'ok' | 'failed' | undefined, readonly shop: string | number | boolean
      }>>()
    expect(handles.basketBytes).type.toBe<HistogramHandle<Record<string, never>>>()
    expect(handles.queueLength).type.toBe<GaugeHandle<{ readonly queue: string | number | boolean }>>()
    expect(handles).type.not.toHaveProperty('analysisTotal')
  })

  test('checks the labels of calls', () => {
    expect(handles.ordersTotal.inc).type.toBeCallableWith({ shop: 'north' })
    expect(handles.ordersTotal.inc).type.not.toBeCallableWith({ shop: 'north', status: 'lost' })
    expect(handles.ordersTotal.inc).type.not.toBeCallableWith()
  })

  test('remove needs the labels of the metric, unless all are optional', () => {
    expect(handles.ordersTotal.remove).type.toBeCallableWith({ shop: 'north', status: 'failed' })
    expect(handles.ordersTotal.remove).type.not.toBeCallableWith()
    expect(handles.ordersTotal.remove).type.not.toBeCallableWith({ shop: 'north', more: 'x' })
    expect(handles.basketBytes.remove).type.toBeCallableWith()
    expect(fastify.metrics.analysisTotal.remove).type.toBeCallableWith()
  })

  test('rejects an invalid definition', () => {
    const { define } = fastify.metrics
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'counter' } })
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'meter', help: 'M' } })
    expect(define).type.not.toBeCallableWith({ queueLength: { type: 'gauge', help: 'Q', collect: () => 'many' } })
    expect(define).type.not.toBeCallableWith({
      queueLength: { type: 'gauge', help: 'Q', collect: () => [{ labels: {} }] }
    })
    expect(define).type.not.toBeCallableWith({ queueLength: { type: 'gauge', help: 'Q', expireAfter: '60' } })
  })
})
