import type { FastifyInstance } from 'fastify'
import * as promClient from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'
import type { MetricDefinition, MetricDefinitions } from 'dynoai-metrics'
import { DYNOAI_METRICS, PROM_CLIENT, PROMETHEUS_IO_CLIENT } from './names.js'

/** A method of a metric, with or without labels before the value. */
export type Method = (...args: unknown[]) => unknown

/** A metric of any client. Only the methods of its type exist. */
export interface Metric {
  readonly inc: Method
  readonly set: Method
  readonly observe: Method
  labels (labels: Readonly<Record<string, string>>): Metric
}

/** Metrics by the keys of their definitions. */
export type Metrics<Keys extends PropertyKey = string> = Readonly<Record<Keys, Metric>>

/** Creates the defined metrics with one client library, and a route that responds to scrapes. */
export type Client = (fastify: FastifyInstance, definitions: MetricDefinitions) => Promise<Metrics>

const dynoaiClient: Client = async (fastify, metrics) => {
  await fastify.register(dynoaiMetrics, {
    metrics, maxSeries: 100_000, runtimeMetrics: false, dynoai: false, requests: false
  })
  return fastify.metrics as unknown as Metrics
}

function clientOf (library: typeof promClient): Client {
  return async (fastify, definitions) => {
    const registry = new library.Registry()
    fastify.get('/metrics', async (_request, reply) => {
      return await reply.type(registry.contentType).send(await registry.metrics())
    })
    const create = metricFactory(library, registry)
    return Object.fromEntries(Object.entries(definitions).map(([key, definition]) => [key, create(key, definition)]))
  }
}

type MetricFactory = (name: string, definition: MetricDefinition) => Metric

function metricFactory (
  { Counter, Gauge, Histogram }: typeof promClient, registry: promClient.Registry
): MetricFactory {
  return (name, definition) => {
    const { help, labels = {} } = definition
    const configuration = { name, help, labelNames: Object.keys(labels), registers: [registry] }
    const create = (): unknown => {
      if (definition.type === 'counter') return new Counter(configuration)
      if (definition.type === 'gauge') return new Gauge(configuration)
      return new Histogram({ ...configuration, buckets: [...definition.buckets ?? []] })
    }
    return create() as Metric
  }
}

/** Returns the client with this name, or undefined if this version of Node cannot load the successor of prom-client. */
export async function loadClient (name: string): Promise<Client | undefined> {
  if (name === DYNOAI_METRICS) return dynoaiClient
  if (name === PROM_CLIENT) return clientOf(promClient)
  if (name !== PROMETHEUS_IO_CLIENT) throw new Error(`Unknown client '${name}'`)
  try {
    // It has the same constructors as prom-client; only its types differ.
    return clientOf(await import('@prometheus-io/client') as unknown as typeof promClient)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw err // it is not installed
    return undefined
  }
}
