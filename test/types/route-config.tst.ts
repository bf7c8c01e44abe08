import Fastify from 'fastify'
import type { FastifyContextConfig } from 'fastify'
import { expect, test } from 'tstyche'
import type { RouteMetricsConfig } from '../../lib/index.js'

// What another plugin puts beside `config.metrics`.
declare module 'fastify' {
  interface FastifyContextConfig {
    throttle?: { max: number }
  }
}

const { get, route } = Fastify()
declare function configure (config: FastifyContextConfig): void
const handler = async (): Promise<void> => {}

test('leaves a route out with false', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: false } }, handler)
  expect(route).type.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: false }, handler })
})

test('counts a route as an analysis, with or without a source', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: { source: 'upload' } } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: { source: undefined } } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: { analysis: {} } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { metrics: {} } }, handler)
  expect(route).type.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: { analysis: { source: 'simulator' } } }, handler })
})

test('refuses a source that is not listed', () => {
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: { source: 'fax' } } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: 'upload' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { analysis: true } } }, handler)
  expect(route).type.not.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: { analysis: { source: 'fax' } } }, handler })
})

test('ends the requests of a route with the head of the response', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: { until: 'headers' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { until: 'end' } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: { until: true } } }, handler)
  expect(route).type.not.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: { until: 'body' } }, handler })
  expect(configure).type.toBeCallableWith({ metrics: { until: 'headers', path: 'x' } })
})

test('refuses what is neither false nor an object', () => {
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: true } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: 'no' } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: null } }, handler)
  expect(route).type.not.toBeCallableWith({ method: 'GET', url: '/', config: { metrics: 0 }, handler })
})

// Fastify infers what else a route's config holds, so it takes unknown keys there, of every plugin; they throw when the
// route is declared. An object of the declared type is checked.
test('refuses what it does not know, or not yet, in an object of its type', () => {
  expect(configure).type.toBeCallableWith({ metrics: { analysis: { source: 'upload' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { analyses: { source: 'upload' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { analysis: { source: 'upload', status: 'success' } } })
  expect(configure).type.toBeCallableWith({ metrics: { path: 'x', labels: { tenant: 'a' } } })
  expect(configure).type.not.toBeCallableWith({ metrics: { path: 5 } })
  expect(configure).type.not.toBeCallableWith({ metrics: { labels: { tenant: 5 } } })
})

test('stands beside the keys of other plugins', () => {
  expect(get).type.toBeCallableWith('/', { config: { metrics: false, throttle: { max: 5 } } }, handler)
  expect(get).type.toBeCallableWith('/', { config: { throttle: { max: 5 } } }, handler)
  expect(get).type.not.toBeCallableWith('/', { config: { metrics: false, throttle: { max: '5' } } }, handler)
  expect<FastifyContextConfig['throttle']>().type.toBe<{ max: number } | undefined>()
  expect<FastifyContextConfig['metrics']>().type.toBe<false | (object & RouteMetricsConfig) | undefined>()
})
