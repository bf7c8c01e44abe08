import type { Registry } from 'prom-client'
import t from 'tap'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { createLargePromClientRegistry, createLargeRegistry } from '../fixtures/large-registry.js'
import { startReader } from '../fixtures/raw-reader.js'

/** Keeps the event loop busy for so many milliseconds in each turn, and tells how many turns have passed. */
function busyLoop (milliseconds: number, look: () => void): { readonly turns: () => number, readonly stop: () => void } {
  let turns = 0
  let isStopped = false
  const turn = (): void => {
    turns++
    look()
    const until = performance.now() + milliseconds
    while (performance.now() < until);
    if (!isStopped) setImmediate(turn)
  }
  setImmediate(turn)
  return { turns: () => turns, stop: () => { isStopped = true } }
}

interface Size {
  readonly series: number
  /** Of which metrics; by default of this package. */
  readonly registry?: (series: number) => Registry
  /** Bytes of plain text, at least. */
  readonly bytes: number
  /** Milliseconds of turns. */
  readonly lengths: readonly number[]
}

const SIZES: Readonly<Record<string, Size>> = {
  '20 kB': { series: 4, bytes: 20_000, lengths: [1, 5, 50, 500] },
  '1 MB': { series: 800, bytes: 950_000, lengths: [1, 5, 50, 200] },
  '1 MB of a metric of another': { series: 800, registry: createLargePromClientRegistry, bytes: 900_000, lengths: [1, 5, 50] },
  '17 MB': { series: 14_000, bytes: 16_500_000, lengths: [1, 5, 50] }
}

/** How many bytes may wait for the scraper. */
const MAX_WAITING = 2_000_000

for (const [size, { series, registry = createLargeRegistry, bytes, lengths }] of Object.entries(SIZES)) {
  for (const encoding of ['plain', 'gzip'] as const) {
    t.test(`a scrape of ${size} takes at most 8 turns and one more per MB, however long turns are, ${encoding}`, async t => {
      const fastify = await createMeasuredFastify(t, { registry: registry(series), runtimeMetrics: size === '20 kB' })
      let loop = { turns: () => 0, stop () {} }
      let waiting = (): number => 0
      let taken = NaN
      fastify.server.on('request', (_request, response) => {
        const first = loop.turns()
        waiting = () => response.writableLength
        response.once('finish', () => {
          taken = loop.turns() - first
          loop.stop()
        })
      })
      const { port } = new URL(await listen(fastify))
      const connect = await startReader(t)
      const request = `GET /metrics HTTP/1.0\r\nHost: x\r\n${encoding === 'gzip' ? 'Accept-Encoding: gzip\r\n' : ''}\r\n`
      // Once on a free event loop: labels are made into bytes, and functions are compiled.
      const readFirst = await connect(Number(port))
      await readFirst(request)
      for (const milliseconds of lengths) {
        const read = await connect(Number(port))
        let mostWaiting = 0
        loop = busyLoop(milliseconds, () => { mostWaiting = Math.max(mostWaiting, waiting()) })
        const received = await read(request)
        if (encoding === 'plain') t.ok(received >= bytes, `${received} bytes`)
        const text = (await fastify.inject('/metrics')).rawPayload.length
        t.ok(taken <= 8 + text / 1e6, `turns of ${milliseconds} ms: ${taken} for ${text} bytes`)
        t.ok(mostWaiting <= MAX_WAITING, `${mostWaiting} bytes waited`)
      }
    })
  }
}
