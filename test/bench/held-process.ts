import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import type { MetricDefinition } from 'dynoai-metrics'
import { BUCKETS } from './calls.js'
import { serveParent } from './child.js'
import { loadClient } from './clients.js'
import type { Held } from './held.js'
import { keptMemory } from './heap.js'

// Weighs the series of one metric of one client, before and after the first scrape that reads them.
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
if (client === undefined || definition === undefined) throw new Error(`There is no ${type} of ${name}`)
const fastify = Fastify()
const { metric } = await client(fastify, { metric: definition })
const method = METHODS[definition.type]
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })

// What the first calls and scrapes leave belongs to no series.
write(0, 10)
await scrape(10)
const before = await restingMemory()
write(10, SERIES + 10)
const written = await restingMemory()
await scrape(SERIES)
const scraped = await restingMemory()
const held: Held = { written: (written - before) / SERIES, scraped: (scraped - before) / SERIES }
serveParent(held, () => held, () => process.exit())

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

// What an ended connection held goes with the second collection, when the event loop has ended the rest.
async function restingMemory (): Promise<number> {
  for (let i = 0; i < 2; i++) {
    keptMemory()
    await delay(100)
  }
  return keptMemory()
}
