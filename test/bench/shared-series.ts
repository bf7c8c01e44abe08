import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import dynoaiMetrics from 'dynoai-metrics'
import type { HistogramDefinition } from 'dynoai-metrics'

/** The only metric of a process: a histogram with the default buckets of requests. */
export const DEFINITION = {
  type: 'histogram',
  help: 'Duration',
  labels: { item: [] },
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
} as const satisfies HistogramDefinition
export const NAME = 'dynoai_item_seconds'

export const itemOf = (index: number): string => `item-${index}`
/** A value of a series, in another bucket in each round. */
export const valueOf = (index: number, round: number): number => (index + round) % 12

/** A process with series. */
export interface SharedSeries {
  readonly fastify: FastifyInstance
  /** Observes a value in each series. */
  observeAll (): void
}

/** Creates an instance that shares a directory with others; alone without a directory. It has no series yet. */
export async function createSharedSeries (directory: string, series: number): Promise<SharedSeries> {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, {
    runtimeMetrics: false,
    dynoai: false,
    requests: false,
    uploads: false,
    maxSeries: series,
    processes: directory === '' ? false : { directory }
  })
  const { itemSeconds } = fastify.metrics.define({ itemSeconds: DEFINITION })
  let round = 0
  return {
    fastify,
    observeAll () {
      for (let i = 0; i < series; i++) itemSeconds.observe({ item: itemOf(i) }, valueOf(i, round))
      round++
    }
  }
}
