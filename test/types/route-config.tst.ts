import Fastify from 'fastify'
import type { FastifyContextConfig } from 'fastify'
import { expect, test } from 'tstyche'
import type { RouteMetricsConfig } from '../../lib/index.js'

// Another plugin adds its own property to the config of a route.
declare module 'fastify' {
  interface FastifyContextConfig {
    throttle?: { max: number }
  }
}

const { get, route } = Fastify()
declare function configure (config: FastifyContextConfig): void
const handler = async (): Promise<void> => {}

test('excludes a route with false', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: false } }, handler)
  expect(route).type.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: false }, handler })
})

test('counts a route as an analysis, with or without a source', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: { source: 'upload' } } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: { source: undefined } } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: {} } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: {} } }, handler)
  expect(route).type.toBeCallableWith({
    method: 'GET', url: '/', config: { metrics: { analysis: { source: 'simulator' } } }, handler
  })
})

test('rejects a source that is not listed', () => {
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: { source: 'fax' } } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: 'upload' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: true } } }, handler)
  expect(route).type.not.toBeCallableWith({
    method: 'GET', url: '/', config: { metrics: { analysis: { source: 'fax' } } }, handler
  })
})

test('can end the measurement of a route at the headers of the response', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: { until: 'headers' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { until: 'end' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { until: true } } }, handler)
  expect(route).type.not.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: { until: 'body' } }, handler })
  expect(configure).type.toBeCallableWith({ metrics: { until: 'headers', path: 'x' } })
})

test('rejects a value that is neither false nor an object', () => {
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: true } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: 'no' } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: null } }, handler)
  expect(route).type.not.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: 0 }, handler })
})

// Fastify infers the type of the config of a route, so the compiler accepts unknown keys there. The declaration of the
// route throws for them. The compiler does check an object of the declared type.
test('rejects unknown and invalid keys in an object of the declared type', () => {
  expect(configure).type.toBeCallableWith({ metrics: { analysis: { source: 'upload' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { analyses: { source: 'upload' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { analysis: { source: 'upload', status: 'success' } } })
  expect(configure).type.toBeCallableWith({ metrics: { path: 'x', labels: { tenant: 'a' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { path: 5 } })
  expect(configure).type.not.toBeCallableWith({ metrics: { labels: { tenant: 5 } } })
})

test('can be combined with the keys of other plugins', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: false, throttle: { max: 5 } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { throttle: { max: 5 } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: false, throttle: { max: '5' } } }, handler)
  expect<FastifyContextConfig['throttle']>().type.toBe<{ max: number } | undefined>()
  expect<FastifyContextConfig['metrics']>().type.toBe<false | (object & RouteMetricsConfig) | undefined>()
})
