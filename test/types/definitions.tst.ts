import { describe, expect, test } from 'tstyche'
import type {
  CounterHandle, GaugeHandle, HandleOf, HandlesOf, HistogramHandle, MetricDefinitions
} from '../../lib/index.js'

declare function define (definitions: MetricDefinitions): void

describe('definitions', () => {
  test('may be written with `as const satisfies`', () => {
    const shop = {
      ordersTotal: {
        type: 'counter',
        help: 'Orders placed',
        labels: { status: ['ok', 'failed'], shop: [] },
        defaults: { status: 'ok' }
      },
      basketBytes: { type: 'histogram', help: 'Size of a basket', buckets: [100, 1000, 10000] },
      queueLength: { type: 'gauge', help: 'Orders waiting', collect: async () => 3, name: 'shop_queue' }
    } as const satisfies MetricDefinitions
    expect(define).type.toBeCallableWith(shop)
    expect(define).type.toBeCallableWith({})
    expect<HandlesOf<typeof shop>>().type.toBe<{
      readonly ordersTotal: CounterHandle<{
        readonly status?: 'ok' | 'failed' | undefined, readonly shop: string | number | boolean
      }>
      readonly basketBytes: HistogramHandle<Record<string, never>>
      readonly queueLength: GaugeHandle<Record<string, never>>
    }>()
  })

  test('may be written without `as const`, which allows any label value', () => {
    const shop = {
      ordersTotal: {
        type: 'counter', help: 'Orders placed', labels: { status: ['ok', 'failed'] }, defaults: { status: 'ok' }
      }
    } satisfies MetricDefinitions
    expect(define).type.toBeCallableWith(shop)
    expect<HandleOf<typeof shop.ordersTotal>>().type
      .toBe<CounterHandle<{ readonly status?: string | number | boolean | undefined }>>()
  })

  test('need a known type and a help text', () => {
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'counter' } })
    expect(define).type.not.toBeCallableWith({ ordersTotal: { help: 'Orders placed' } })
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'summary', help: 'Orders placed' } })
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'counter', help: 5 } })
    expect(define).type.not.toBeCallableWith({ ordersTotal: { type: 'counter', help: 'Orders placed', name: 5 } })
    expect(define).type.not.toBeCallableWith([{ type: 'counter' }])
  })

  test('have no unknown key', () => {
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', labelNames: ['status'] }
    })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', default: { status: 'ok' } }
    })
    expect(define).type.not.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', percentiles: [0.5] } })
  })

  test('list label values and defaults as strings', () => {
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', labels: ['status'] }
    })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', labels: { status: 'ok' } }
    })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', labels: { code: [200] } }
    })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', labels: { code: [] }, defaults: { code: 200 } }
    })
  })

  test('have `collect` on a gauge only, which returns a number or a promise of a number', () => {
    expect(define).type.toBeCallableWith({ queueLength: { type: 'gauge', help: 'Orders waiting', collect: () => 3 } })
    expect(define).type.toBeCallableWith({
      queueLength: { type: 'gauge', help: 'Orders waiting', collect: async () => 3 }
    })
    expect(define).type.not.toBeCallableWith({
      queueLength: { type: 'gauge', help: 'Orders waiting', collect: () => '3' }
    })
    expect(define).type.not.toBeCallableWith({
      queueLength: { type: 'gauge', help: 'Orders waiting', collect: () => {} }
    })
    expect(define).type.not.toBeCallableWith({ queueLength: { type: 'gauge', help: 'Orders waiting', collect: 3 } })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', collect: () => 3 }
    })
    expect(define).type.not.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', collect: () => 3 } })
  })

  test('have `aggregator` on a gauge only, one of those of prom-client', () => {
    const gauge = { type: 'gauge', help: 'Orders waiting' } as const
    expect(define).type.toBeCallableWith({ queueLength: { ...gauge, aggregator: 'max' } })
    expect(define).type.toBeCallableWith({ queueLength: { ...gauge, aggregator: 'omit', collect: () => 3 } })
    expect(define).type.not.toBeCallableWith({ queueLength: { ...gauge, aggregator: 'median' } })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', aggregator: 'sum' }
    })
    expect(define).type.not.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', aggregator: 'sum' } })
  })

  test('have `buckets` on a histogram only, as numbers', () => {
    expect(define).type.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', buckets: [1, 2] } })
    expect(define).type.not.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', buckets: ['1', '2'] } })
    expect(define).type.not.toBeCallableWith({ waitSeconds: { type: 'histogram', help: 'Wait', buckets: 5 } })
    expect(define).type.not.toBeCallableWith({
      ordersTotal: { type: 'counter', help: 'Orders placed', buckets: [1, 2] }
    })
    expect(define).type.not.toBeCallableWith({
      queueLength: { type: 'gauge', help: 'Orders waiting', buckets: [1, 2] }
    })
  })
})
