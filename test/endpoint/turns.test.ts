import type { Registry } from 'prom-client'
import t from 'tap'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { createLargePromClientRegistry, createLargeRegistry } from '../fixtures/large-registry.js'
import { startReader } from '../fixtures/raw-reader.js'

interface BusyLoop {
  /** The number of turns until now. */
  readonly turns: () => number
  readonly stop: () => void
}

/** Blocks the event loop for some milliseconds in each turn, and calls `onTurn` before. */
function startBusyLoop (milliseconds: number, onTurn: () => void): BusyLoop {
  let turns = 0
  let isStopped = false
  const turn = (): void => {
    turns++
    onTurn()
    const until = performance.now() + milliseconds
    while (performance.now() < until);
    if (!isStopped) setImmediate(turn)
  }
  setImmediate(turn)
  return { turns: () => turns, stop: () => { isStopped = true } }
}

interface Size {
  readonly series: number
  /** Creates the registry. @default createLargeRegistry */
  readonly createRegistry?: (series: number) => Registry
  /** The minimum size of the plain text, in bytes. */
  readonly bytes: number
  /** Durations of turns, in milliseconds. */
  readonly durations: readonly number[]
}

const SIZES: Readonly<Record<string, Size>> = {
  '20 kB': { series: 4, bytes: 20_000, durations: [1, 5, 50, 500] },
  '1 MB': { series: 800, bytes: 950_000, durations: [1, 5, 50, 200] },
  '1 MB of a prom-client metric': {
    series: 800,
    createRegistry: createLargePromClientRegistry,
    bytes: 900_000,
    durations: [1, 5, 50]
  },
  '17 MB': { series: 14_000, bytes: 16_500_000, durations: [1, 5, 50] }
}

/** The maximum of bytes that wait for the scraper. */
const MAX_WAITING = 2_000_000

for (const [size, { series, createRegistry = createLargeRegistry, bytes, durations }] of Object.entries(SIZES)) {
  for (const encoding of ['plain', 'gzip'] as const) {
    t.test(`ends a scrape of ${size} within 8 turns plus one per MB, however long turns are, ${encoding}`, async t => {
      const registry = createRegistry(series)
      const fastify = await createMeasuredFastify(t, { registry, runtimeMetrics: size === '20 kB' })
      let loop = { turns: () => 0, stop () {} }
      let waitingBytes = (): number => 0
      let turnsOfScrape = NaN
      fastify.server.on('request', (_request, response) => {
        const first = loop.turns()
        waitingBytes = () => response.writableLength
        response.once('finish', () => {
          turnsOfScrape = loop.turns() - first
          loop.stop()
        })
      })
      const { port } = new URL(await listen(fastify))
      const connect = await startReader(t)
      const acceptEncoding = encoding === 'gzip' ? 'Accept-Encoding: gzip\r\n' : ''
      const request = `GET /metrics HTTP/1.0\r\nHost: x\r\n${acceptEncoding}\r\n`
      // The first scrape runs on a free event loop. It encodes label values, and V8 compiles the functions.
      const readFirst = await connect(Number(port))
      await readFirst(request)
      for (const duration of durations) {
        const read = await connect(Number(port))
        let maxWaiting = 0
        loop = startBusyLoop(duration, () => { maxWaiting = Math.max(maxWaiting, waitingBytes()) })
        const received = await read(request)
        if (encoding === 'plain') t.ok(received >= bytes, `${received} bytes`)
        const text = (await fastify.inject('/metrics')).rawPayload.length
        t.ok(turnsOfScrape <= 8 + text / 1e6, `turns of ${duration} ms: ${turnsOfScrape} for ${text} bytes`)
        t.ok(maxWaiting <= MAX_WAITING, `${maxWaiting} bytes waited`)
      }
    })
  }
}
