import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import type { MetricDefinition } from 'dynoai-metrics'
import { BUCKETS } from './calls.js'
import { serveParent } from './child.js'
import { loadClient } from './clients.js'
import { usedMemory } from './heap.js'
import type { SeriesMemory } from './results.js'

// Measures the memory of the series of one metric, before and after the first scrape that reads them.
// Arguments: client, metric type, number of series.
const [name = '', type = '', series] = process.argv.slice(2)
const SERIES = Number(series)
const labels = { item: [], status: ['ok', 'failed'] }
const DEFINITIONS: Readonly<Record<string, MetricDefinition>> = {
  counter: { type: 'counter', help: 'Items', name: 'items_total', labels },
  gauge: { type: 'gauge', help: 'Items', name: 'items', labels },
  histogram: { type: 'histogram', help: 'Items', name: 'items_seconds', labels, buckets: BUCKETS }
}
const METHODS = { counter: 'inc', gauge: 'set', histogram: 'observe' } as const

const definition = DEFINITIONS[type]
const client = await loadClient(name)
if (client === undefined || definition === undefined) throw new Error(`${name} has no ${type}`)
const fastify = Fastify()
const { metric } = await client(fastify, { metric: definition })
const method = METHODS[definition.type]
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })

// The memory that the first calls and scrapes allocate does not belong to the series.
write(0, 10)
await scrape(10)
const before = await settledMemory()
write(10, SERIES + 10)
const written = await settledMemory()
await scrape(SERIES)
const scraped = await settledMemory()
const result: SeriesMemory = { written: (written - before) / SERIES, scraped: (scraped - before) / SERIES }
serveParent(result, () => result, () => process.exit())

function write (from: number, to: number): void {
  for (let i = from; i < to; i++) metric?.[method]({ item: `item-${i}`, status: 'ok' }, 1.5)
}

async function scrape (series: number): Promise<void> {
  const request = get(`${origin}/metrics`, { agent: false })
  const [response] = await once(request, 'response') as [IncomingMessage]
  let labels = 0
  let rest = ''
  response.setEncoding('latin1').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('item="')
    labels += parts.length - 1
    rest = (parts.at(-1) ?? '').slice(-5)
  })
  await once(response, 'close')
  if (labels < series) throw new Error(`${name} does not expose the series that were written`)
}

// The second collection frees the memory of closed connections, after the event loop has closed their handles.
async function settledMemory (): Promise<number> {
  for (let i = 0; i < 2; i++) {
    usedMemory()
    await delay(100)
  }
  return usedMemory()
}
