import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2ServerRequest } from 'node:http2'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify'
import { describe, expect, test } from 'tstyche'
import type { AnalysisSource, CounterHandle, FastifyMetrics, GaugeHandle, HistogramHandle } from '../../lib/index.js'

const { metrics } = Fastify()

type Outcome = { readonly status?: 'success' | 'error' | undefined }
type AnalysisOutcome = {
  readonly status?: 'success' | 'error' | undefined
  readonly source?: 'upload' | 'jetstream' | 'simulator' | undefined
}
type NoLabels = Record<string, never>

describe('fastify.metrics', () => {
  test('is on every instance, typed', () => {
    expect<FastifyInstance['metrics']>().type.toBe<FastifyMetrics>()
    expect(metrics.enabled).type.toBe<boolean>()
    expect(metrics).type.not.toHaveProperty('analysesTotal')
  })

  test('has the DynoAI metrics documented in docs/metrics.md', () => {
    expect(metrics.analysisTotal).type.toBe<CounterHandle<AnalysisOutcome>>()
    expect(metrics.analysisDurationSeconds).type.toBe<HistogramHandle<AnalysisOutcome>>()
    expect(metrics.veCorrectionsCount).type.toBe<HistogramHandle<NoLabels>>()
    expect(metrics.veCorrectionsMagnitudePercent).type.toBe<HistogramHandle<NoLabels>>()
    expect(metrics.jetstreamRunsTotal).type.toBe<CounterHandle<{
      readonly status?:
        'pending' | 'downloading' | 'converting' | 'validating' | 'processing' | 'complete' | 'error' | undefined
    }>>()
    expect(metrics.jetstreamPollDurationSeconds).type.toBe<HistogramHandle<Outcome>>()
    expect(metrics.virtualTuningSessionsTotal).type.toBe<CounterHandle<{
      readonly status?: 'running' | 'converged' | 'failed' | 'stopped' | 'max_iterations' | undefined
    }>>()
    expect(metrics.virtualTuningIterations).type.toBe<HistogramHandle<NoLabels>>()
    expect(metrics.fileUploadBytes).type.toBe<HistogramHandle<NoLabels>>()
    expect(metrics.activeSessions).type.toBe<GaugeHandle<NoLabels>>()
  })

  test('counts an analysis without labels, and rejects a wrong label', () => {
    expect(metrics.analysisTotal.inc).type.toBeCallableWith()
    expect(metrics.analysisTotal.inc).type.toBeCallableWith({ status: 'success', source: 'upload' })
    expect(metrics.analysisTotal.inc).type.not.toBeCallableWith({ status: 'succes' })
    expect(metrics.analysisTotal.inc).type.not.toBeCallableWith({ origin: 'upload' })
    expect(metrics.activeSessions.set).type.not.toBeCallableWith({ status: 'running' }, 3)
  })

  test('cannot be changed', () => {
    expect<Pick<FastifyMetrics, 'analysisTotal' | 'registry' | 'enabled' | 'timeAnalysis'>>().type
      .toBe<Readonly<Pick<FastifyMetrics, 'analysisTotal' | 'registry' | 'enabled' | 'timeAnalysis'>>>()
  })
})

describe('recordException', () => {
  test('accepts a request of Fastify for any server and route, and a request of Node', () => {
    expect(metrics.recordException).type.toBeCallableWith({} as FastifyRequest, new Error('boom'))
    expect(metrics.recordException).type
      .toBeCallableWith({} as FastifyRequest<{ Params: { id: string }, Body: { n: number } }>, 'boom')
    expect(metrics.recordException).type
      .toBeCallableWith({} as FastifyRequest<RouteGenericInterface, Http2SecureServer>, undefined)
    expect(metrics.recordException).type.toBeCallableWith({} as IncomingMessage, new Error('boom'))
    expect(metrics.recordException).type.toBeCallableWith({} as Http2ServerRequest, new Error('boom'))
    expect(metrics.recordException({} as FastifyRequest, null)).type.toBe<void>()
  })

  test('rejects a reply, a response, and a call without a request or an error', () => {
    expect(metrics.recordException).type.not.toBeCallableWith({} as FastifyReply, new Error('boom'))
    expect(metrics.recordException).type.not.toBeCallableWith({} as ServerResponse, new Error('boom'))
    expect(metrics.recordException).type.not.toBeCallableWith(new Error('boom'))
    expect(metrics.recordException).type.not.toBeCallableWith({} as FastifyRequest)
    expect(metrics.recordException).type.not.toBeCallableWith(undefined, new Error('boom'))
  })
})

describe('timeAnalysis', () => {
  test('accepts a source, undefined or no labels', () => {
    expect(metrics.timeAnalysis).type.toBeCallableWith({ source: 'jetstream' }, () => {})
    expect(metrics.timeAnalysis).type.toBeCallableWith({ source: undefined }, () => {})
    expect(metrics.timeAnalysis).type.toBeCallableWith({}, () => {})
    expect(metrics.timeAnalysis).type.toBeCallableWith(() => {})
    expect<AnalysisSource>().type.toBe<'upload' | 'jetstream' | 'simulator'>()
  })

  test('rejects another source, another label and a value that is not a function', () => {
    expect(metrics.timeAnalysis).type.not.toBeCallableWith({ source: 'fax' }, () => {})
    expect(metrics.timeAnalysis).type.not.toBeCallableWith({ source: 'upload', status: 'success' }, () => {})
    expect(metrics.timeAnalysis).type.not.toBeCallableWith('upload', () => {})
    expect(metrics.timeAnalysis).type.not.toBeCallableWith({ source: 'upload' })
    expect(metrics.timeAnalysis).type.not.toBeCallableWith({ source: 'upload' }, Promise.resolve())
    expect(metrics.timeAnalysis).type.not.toBeCallableWith()
  })

  test('returns the result of the function', () => {
    expect(metrics.timeAnalysis({ source: 'upload' }, () => 5)).type.toBe<number>()
    expect(metrics.timeAnalysis({ source: 'upload' }, async () => ({ cells: 55 }))).type
      .toBe<Promise<{ cells: number }>>()
    expect(metrics.timeAnalysis(() => 'grid')).type.toBe<string>()
    expect(metrics.timeAnalysis(async () => {})).type.toBe<Promise<void>>()
  })
})
