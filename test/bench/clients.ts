import type { FastifyInstance } from 'fastify'
import * as promClient from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'
import type { MetricDefinition, MetricDefinitions } from 'dynoai-metrics'
import { OURS } from './setups.js'

/** A method of a metric, with or without labels before the value. */
export type Method = (...args: unknown[]) => unknown

/** A metric of any client; it has the methods of its type. */
export interface Instrument {
  readonly inc: Method
  readonly set: Method
  readonly observe: Method
  labels (labels: Readonly<Record<string, string>>): Instrument
}

/** Metrics by the keys of their definitions. */
export type Instruments<Keys extends PropertyKey = string> = Readonly<Record<Keys, Instrument>>

/** Makes the metrics of these definitions as one client has them, and a route that answers scrapes. */
export type Client = (fastify: FastifyInstance, definitions: MetricDefinitions) => Promise<Instruments>

/** The clients that are compared, in the order of the tables. */
export const PROM_CLIENT = 'prom-client'
export const SUCCESSOR = '@prometheus-io/client'

const ours: Client = async (fastify, metrics) => {
  await fastify.register(dynoaiMetrics, {
    metrics, maxSeries: 100_000, runtimeMetrics: false, dynoai: false, requests: false
  })
  return fastify.metrics as unknown as Instruments
}

function clientOf (library: typeof promClient): Client {
  return async (fastify, definitions) => {
    const registry = new library.Registry()
    fastify.get('/metrics', async (_request, reply) => {
      return await reply.type(registry.contentType).send(await registry.metrics())
    })
    const create = creatorOf(library, registry)
    return Object.fromEntries(Object.entries(definitions).map(([key, definition]) => [key, create(key, definition)]))
  }
}

type Create = (name: string, definition: MetricDefinition) => Instrument

function creatorOf ({ Counter, Gauge, Histogram }: typeof promClient, registry: promClient.Registry): Create {
  return (name, definition) => {
    const { help, labels = {} } = definition
    const configuration = { name, help, labelNames: Object.keys(labels), registers: [registry] }
    const create = (): unknown => {
      if (definition.type === 'counter') return new Counter(configuration)
      if (definition.type === 'gauge') return new Gauge(configuration)
      return new Histogram({ ...configuration, buckets: [...definition.buckets ?? []] })
    }
    return create() as Instrument
  }
}

/** The client of this name; undefined for prom-client's successor where this version of Node cannot load it. */
export async function loadClient (name: string): Promise<Client | undefined> {
  if (name === OURS) return ours
  if (name === PROM_CLIENT) return clientOf(promClient)
  if (name !== SUCCESSOR) throw new Error(`There is no client '${name}'`)
  try {
    // Its objects are made in the same way; their types differ.
    return clientOf(await import('@prometheus-io/client') as unknown as typeof promClient)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw err // it is not installed
    return undefined
  }
}
