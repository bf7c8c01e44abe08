import { describe, expect, test } from 'tstyche'
import type {
  BoundCounter, BoundGauge, BoundHistogram, HandleMetric, HandlesOf, MetricDefinitions
} from '../../lib/index.js'

const shop = {
  // One label with a list and a default, and one free label without a default.
  ordersTotal: {
    type: 'counter', help: 'Orders placed', labels: { status: ['ok', 'failed'], shop: [] }, defaults: { status: 'ok' }
  },
  // Every label has a default.
  refundsTotal: {
    type: 'counter',
    help: 'Refunds paid',
    labels: { reason: ['late', 'broken'], shop: [] },
    defaults: { reason: 'late', shop: 'north' }
  },
  visitsTotal: { type: 'counter', help: 'Visits' },
  stockItems: { type: 'gauge', help: 'Items in stock', labels: { hall: ['cold', 'dry'] } },
  openBaskets: {
    type: 'gauge', help: 'Baskets that are open', labels: { channel: ['web', 'app'] }, defaults: { channel: 'web' }
  },
  queueLength: { type: 'gauge', help: 'Orders waiting', collect: () => 3 },
  paymentSeconds: {
    type: 'histogram', help: 'Time to pay', labels: { method: ['card', 'cash'] }, buckets: [0.1, 1, 10]
  },
  deliverySeconds: {
    type: 'histogram', help: 'Time to deliver', labels: { outcome: ['done', 'lost'] }, defaults: { outcome: 'done' }
  },
  basketBytes: { type: 'histogram', help: 'Size of a basket', labels: {}, buckets: [100, 1000, 10000] }
} as const satisfies MetricDefinitions

declare function handlesOf<D extends MetricDefinitions> (definitions: D): HandlesOf<D>
const handles = handlesOf(shop)
declare const anyString: string

describe('a counter', () => {
  const { ordersTotal, refundsTotal, visitsTotal } = handles

  test('is incremented by inc(), inc(value), inc(labels) and inc(labels, value) when every label has a default', () => {
    expect(refundsTotal.inc).type.toBeCallableWith()
    expect(refundsTotal.inc).type.toBeCallableWith(2)
    expect(refundsTotal.inc).type.toBeCallableWith({})
    expect(refundsTotal.inc).type.toBeCallableWith({ reason: 'broken' })
    expect(refundsTotal.inc).type.toBeCallableWith({ reason: 'broken', shop: 'south' }, 2)
    expect(refundsTotal.inc(2)).type.toBe<void>()
  })

  test('accepts undefined for a label with a default', () => {
    expect(refundsTotal.inc).type.toBeCallableWith({ reason: undefined, shop: undefined })
    expect(ordersTotal.inc).type.toBeCallableWith({ status: undefined, shop: 'north' })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: undefined })
  })

  test('requires a label without a default', () => {
    expect(ordersTotal.inc).type.toBeCallableWith({ shop: 'north' })
    expect(ordersTotal.inc).type.toBeCallableWith({ shop: 'north', status: 'failed' }, 2)
    expect(ordersTotal.inc).type.not.toBeCallableWith()
    expect(ordersTotal.inc).type.not.toBeCallableWith(2)
    expect(ordersTotal.inc).type.not.toBeCallableWith({})
    expect(ordersTotal.inc).type.not.toBeCallableWith({ status: 'ok' })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ status: 'ok' }, 2)
    expect(ordersTotal.labels).type.not.toBeCallableWith({ status: 'ok' })
    expect(ordersTotal.labels).type.not.toBeCallableWith()
  })

  test('accepts only a string, a number or a boolean for a free label', () => {
    expect(ordersTotal.inc).type.toBeCallableWith({ shop: anyString })
    expect(ordersTotal.inc).type.toBeCallableWith({ shop: 7 })
    expect(ordersTotal.inc).type.toBeCallableWith({ shop: true })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: null })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: ['north'] })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: { name: 'north' } })
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: new Date(0) })
  })

  test('rejects a value that is not listed', () => {
    expect(refundsTotal.inc).type.not.toBeCallableWith({ reason: 'lost' })
    expect(refundsTotal.inc).type.not.toBeCallableWith({ reason: anyString })
    expect(refundsTotal.inc).type.not.toBeCallableWith({ reason: null }, 2)
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: 'north', status: 'lost' })
    expect(ordersTotal.labels).type.not.toBeCallableWith({ shop: 'north', status: 'lost' })
  })

  test('rejects a label that is not declared', () => {
    expect(refundsTotal.inc).type.not.toBeCallableWith({ raeson: 'late' })
    expect(refundsTotal.inc).type.not.toBeCallableWith({ reason: 'late', colour: 'red' })
    expect(refundsTotal.inc).type.not.toBeCallableWith({ reason: 'late', colour: 'red' }, 2)
    expect(ordersTotal.inc).type.not.toBeCallableWith({ shop: 'north', colour: 'red' })
    expect(refundsTotal.labels).type.not.toBeCallableWith({ colour: 'red' })
    expect(ordersTotal.labels).type.not.toBeCallableWith({ shop: 'north', colour: 'red' })
  })

  test('accepts no label when it declares none', () => {
    expect(visitsTotal.inc).type.toBeCallableWith()
    expect(visitsTotal.inc).type.toBeCallableWith(2)
    expect(visitsTotal.inc).type.not.toBeCallableWith({ status: 'ok' })
    expect(visitsTotal.inc).type.not.toBeCallableWith({ status: 'ok' }, 2)
    expect(visitsTotal.inc).type.not.toBeCallableWith({ status: undefined })
    expect(visitsTotal.labels).type.not.toBeCallableWith({ status: 'ok' })
  })

  test('accepts the value as a number after the labels, and no further argument', () => {
    expect(refundsTotal.inc).type.not.toBeCallableWith('2')
    expect(refundsTotal.inc).type.not.toBeCallableWith(2n)
    expect(refundsTotal.inc).type.not.toBeCallableWith(null)
    expect(refundsTotal.inc).type.not.toBeCallableWith({}, '2')
    expect(refundsTotal.inc).type.not.toBeCallableWith(2, { reason: 'late' })
    expect(refundsTotal.inc).type.not.toBeCallableWith({}, 2, 3)
    expect(visitsTotal.inc).type.not.toBeCallableWith(2, 3)
  })

  test('only increases', () => {
    expect(refundsTotal).type.not.toHaveProperty('dec')
    expect(refundsTotal).type.not.toHaveProperty('set')
  })

  test('returns a bound handle, which accepts no labels', () => {
    const bound = ordersTotal.labels({ shop: 'north' })
    expect(bound).type.toBe<BoundCounter>()
    expect(bound.inc).type.toBeCallableWith()
    expect(bound.inc).type.toBeCallableWith(2)
    expect(bound.inc).type.not.toBeCallableWith({ status: 'ok' })
  })

  test('has its metric', () => {
    expect(ordersTotal.metric).type.toBe<HandleMetric>()
  })
})

describe('a gauge', () => {
  const { stockItems, openBaskets, queueLength } = handles

  test('is set to a value, with or without labels', () => {
    expect(openBaskets.set).type.toBeCallableWith(5)
    expect(openBaskets.set).type.toBeCallableWith({ channel: 'app' }, 5)
    expect(openBaskets.set).type.not.toBeCallableWith()
    expect(openBaskets.set).type.not.toBeCallableWith({ channel: 'app' })
    expect(openBaskets.set).type.not.toBeCallableWith('5')
    expect(openBaskets.set).type.not.toBeCallableWith(5, { channel: 'app' })
    expect(openBaskets.set(5)).type.toBe<void>()
  })

  test('is incremented and decremented with the arguments of a counter', () => {
    expect(openBaskets.inc).type.toBeCallableWith()
    expect(openBaskets.inc).type.toBeCallableWith(2)
    expect(openBaskets.inc).type.toBeCallableWith({ channel: undefined })
    expect(openBaskets.inc).type.toBeCallableWith({ channel: 'app' }, 2)
    expect(openBaskets.dec).type.toBeCallableWith()
    expect(openBaskets.dec).type.toBeCallableWith(2)
    expect(openBaskets.dec).type.toBeCallableWith({ channel: undefined })
    expect(openBaskets.dec).type.toBeCallableWith({ channel: 'app' }, 2)
  })

  test('requires a label without a default', () => {
    expect(stockItems.set).type.toBeCallableWith({ hall: 'cold' }, 5)
    expect(stockItems.set).type.not.toBeCallableWith(5)
    expect(stockItems.set).type.not.toBeCallableWith({}, 5)
    expect(stockItems.inc).type.not.toBeCallableWith()
    expect(stockItems.inc).type.not.toBeCallableWith(2)
    expect(stockItems.dec).type.not.toBeCallableWith()
    expect(stockItems.dec).type.not.toBeCallableWith(2)
    expect(stockItems.labels).type.not.toBeCallableWith({})
  })

  test('rejects a value that is not listed', () => {
    expect(openBaskets.set).type.not.toBeCallableWith({ channel: 'fax' }, 5)
    expect(openBaskets.inc).type.not.toBeCallableWith({ channel: 'fax' })
    expect(openBaskets.dec).type.not.toBeCallableWith({ channel: 'fax' })
    expect(openBaskets.labels).type.not.toBeCallableWith({ channel: 'fax' })
    expect(stockItems.set).type.not.toBeCallableWith({ hall: anyString }, 5)
  })

  test('rejects a label that is not declared', () => {
    expect(openBaskets.set).type.not.toBeCallableWith({ chanel: 'app' }, 5)
    expect(openBaskets.inc).type.not.toBeCallableWith({ channel: 'app', colour: 'red' })
    expect(openBaskets.dec).type.not.toBeCallableWith({ channel: 'app', colour: 'red' }, 2)
    expect(openBaskets.labels).type.not.toBeCallableWith({ colour: 'red' })
    expect(stockItems.set).type.not.toBeCallableWith({ hall: 'cold', colour: 'red' }, 5)
  })

  test('accepts no label when it declares none', () => {
    expect(queueLength.set).type.toBeCallableWith(5)
    expect(queueLength.set).type.not.toBeCallableWith({ hall: 'cold' }, 5)
    expect(queueLength.inc).type.not.toBeCallableWith({ hall: 'cold' })
    expect(queueLength.dec).type.not.toBeCallableWith({ hall: 'cold' }, 2)
    expect(queueLength.labels).type.not.toBeCallableWith({ hall: 'cold' })
  })

  test('returns a bound handle, which accepts no labels', () => {
    const bound = stockItems.labels({ hall: 'cold' })
    expect(bound).type.toBe<BoundGauge>()
    expect(bound.set).type.toBeCallableWith(5)
    expect(bound.set).type.not.toBeCallableWith()
    expect(bound.inc).type.toBeCallableWith()
    expect(bound.dec).type.toBeCallableWith(2)
    expect(bound.set).type.not.toBeCallableWith({ hall: 'cold' }, 5)
  })

  test('has its metric', () => {
    expect(stockItems.metric).type.toBe<HandleMetric>()
  })
})

describe('a histogram', () => {
  const { paymentSeconds, deliverySeconds, basketBytes } = handles

  test('observes a value, with or without labels', () => {
    expect(deliverySeconds.observe).type.toBeCallableWith(5)
    expect(deliverySeconds.observe).type.toBeCallableWith({}, 5)
    expect(deliverySeconds.observe).type.toBeCallableWith({ outcome: 'lost' }, 5)
    expect(deliverySeconds.observe).type.toBeCallableWith({ outcome: undefined }, 5)
    expect(deliverySeconds.observe).type.not.toBeCallableWith()
    expect(deliverySeconds.observe).type.not.toBeCallableWith({ outcome: 'lost' })
    expect(deliverySeconds.observe).type.not.toBeCallableWith(5, { outcome: 'lost' })
    expect(deliverySeconds.observe).type.not.toBeCallableWith('5')
    expect(deliverySeconds.observe(5)).type.toBe<void>()
  })

  test('requires a label without a default', () => {
    expect(paymentSeconds.observe).type.toBeCallableWith({ method: 'card' }, 5)
    expect(paymentSeconds.observe).type.not.toBeCallableWith(5)
    expect(paymentSeconds.observe).type.not.toBeCallableWith({}, 5)
    expect(paymentSeconds.startTimer).type.toBeCallableWith({ method: 'card' })
    expect(paymentSeconds.startTimer).type.not.toBeCallableWith()
    expect(paymentSeconds.startTimer).type.not.toBeCallableWith({})
    expect(paymentSeconds.time).type.toBeCallableWith({ method: 'card' }, () => {})
    expect(paymentSeconds.time).type.not.toBeCallableWith(() => {})
    expect(paymentSeconds.time).type.not.toBeCallableWith({}, () => {})
    expect(paymentSeconds.labels).type.not.toBeCallableWith({})
  })

  test('rejects a value that is not listed', () => {
    expect(deliverySeconds.observe).type.not.toBeCallableWith({ outcome: 'late' }, 5)
    expect(deliverySeconds.startTimer).type.not.toBeCallableWith({ outcome: 'late' })
    expect(deliverySeconds.time).type.not.toBeCallableWith({ outcome: 'late' }, () => {})
    expect(deliverySeconds.labels).type.not.toBeCallableWith({ outcome: 'late' })
    expect(paymentSeconds.observe).type.not.toBeCallableWith({ method: anyString }, 5)
    expect(paymentSeconds.startTimer).type.not.toBeCallableWith({ method: 'cheque' })
    expect(paymentSeconds.time).type.not.toBeCallableWith({ method: 'cheque' }, () => {})
  })

  test('rejects a label that is not declared', () => {
    expect(deliverySeconds.observe).type.not.toBeCallableWith({ outcom: 'done' }, 5)
    expect(deliverySeconds.startTimer).type.not.toBeCallableWith({ colour: 'red' })
    expect(deliverySeconds.time).type.not.toBeCallableWith({ colour: 'red' }, () => {})
    expect(deliverySeconds.labels).type.not.toBeCallableWith({ colour: 'red' })
    expect(paymentSeconds.observe).type.not.toBeCallableWith({ method: 'card', colour: 'red' }, 5)
    expect(paymentSeconds.startTimer).type.not.toBeCallableWith({ method: 'card', colour: 'red' })
    expect(paymentSeconds.time).type.not.toBeCallableWith({ method: 'card', colour: 'red' }, () => {})
  })

  test('accepts no label when it declares none', () => {
    expect(basketBytes.observe).type.toBeCallableWith(5)
    expect(basketBytes.startTimer).type.toBeCallableWith()
    expect(basketBytes.time).type.toBeCallableWith(() => {})
    expect(basketBytes.observe).type.not.toBeCallableWith({ outcome: 'done' }, 5)
    expect(basketBytes.startTimer).type.not.toBeCallableWith({ outcome: 'done' })
    expect(basketBytes.startTimer()).type.not.toBeCallableWith({ outcome: 'done' })
    expect(basketBytes.time).type.not.toBeCallableWith({ outcome: 'done' }, () => {})
    expect(basketBytes.labels).type.not.toBeCallableWith({ outcome: 'done' })
  })

  test('ends a timer with optional labels that replace those of its start, and returns the seconds', () => {
    const end = paymentSeconds.startTimer({ method: 'card' })
    expect(end).type.toBeCallableWith()
    expect(end).type.toBeCallableWith({})
    expect(end).type.toBeCallableWith({ method: 'cash' })
    expect(end).type.not.toBeCallableWith({ method: 'cheque' })
    expect(end).type.not.toBeCallableWith({ colour: 'red' })
    expect(end).type.not.toBeCallableWith('cash')
    expect(end()).type.toBe<number>()
    expect(deliverySeconds.startTimer()).type.not.toBeCallableWith({ outcome: 'late' })
  })

  test('time returns the result of the function', () => {
    expect(deliverySeconds.time(() => 5)).type.toBe<number>()
    expect(deliverySeconds.time(async () => 'parcel')).type.toBe<Promise<string>>()
    expect(deliverySeconds.time({ outcome: 'lost' }, () => ({ parcels: 5 }))).type.toBe<{ parcels: number }>()
    expect(deliverySeconds.time({ outcome: undefined }, async () => [5])).type.toBe<Promise<number[]>>()
    expect(paymentSeconds.time({ method: 'card' }, () => {})).type.toBe<void>()
    expect(paymentSeconds.time({ method: 'card' }, async () => 5n)).type.toBe<Promise<bigint>>()
    expect(basketBytes.time(async () => true)).type.toBe<Promise<boolean>>()
    expect(paymentSeconds.labels({ method: 'card' }).time(async () => 'paid')).type.toBe<Promise<string>>()
  })

  test('time accepts only a function without parameters', () => {
    expect(deliverySeconds.time).type.not.toBeCallableWith()
    expect(deliverySeconds.time).type.not.toBeCallableWith({ outcome: 'done' })
    expect(deliverySeconds.time).type.not.toBeCallableWith(5)
    expect(deliverySeconds.time).type.not.toBeCallableWith(Promise.resolve(5))
    expect(deliverySeconds.time).type.not.toBeCallableWith((parcel: string) => parcel)
    expect(deliverySeconds.time).type.not.toBeCallableWith(() => {}, { outcome: 'done' })
  })

  test('returns a bound handle, which accepts no labels', () => {
    const bound = paymentSeconds.labels({ method: 'card' })
    expect(bound).type.toBe<BoundHistogram>()
    expect(bound.observe).type.toBeCallableWith(5)
    expect(bound.observe).type.not.toBeCallableWith({ method: 'card' }, 5)
    expect(bound.startTimer).type.toBeCallableWith()
    expect(bound.startTimer).type.not.toBeCallableWith({ method: 'card' })
    expect(bound.startTimer()()).type.toBe<number>()
    expect(bound.time).type.not.toBeCallableWith({ method: 'card' }, () => {})
  })

  test('has its metric', () => {
    expect(paymentSeconds.metric).type.toBe<HandleMetric>()
  })
})

test('has a property for each definition and no other', () => {
  expect<keyof typeof handles>().type.toBe<keyof typeof shop>()
})
