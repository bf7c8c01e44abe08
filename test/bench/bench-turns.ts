import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { SCRAPE_TARGETS } from './bench-scrapes.js'
import { startChild } from './child.js'
import { DYNOAI_WITH_PROM_CLIENT, PROM_CLIENT } from './names.js'
import type { TurnsResult } from './results.js'
import { interleave } from './rounds.js'
import { medianOf } from './statistics.js'

const ROUNDS = 3
const SERIES = [10, 600, 10_000]
/** Lengths of a turn of the event loop, in milliseconds. */
const TURN_LENGTHS = [1, 5, 50, 500]

type Encoding = 'identity' | 'gzip'

/** A server process whose event loop is busy during a scrape. */
interface BusyServer {
  /** Scrapes once and returns the number of turns that the scrape took. */
  measure (milliseconds: number, encoding: Encoding): Promise<number>
  /** Size of the uncompressed text. */
  readonly bytes: number
  close (): Promise<void>
}

/** Measures how many turns of a busy event loop a scrape takes. */
export async function benchTurns (): Promise<TurnsResult[]> {
  const results: TurnsResult[] = []
  for (const series of SERIES) {
    for (const name of [...SCRAPE_TARGETS, DYNOAI_WITH_PROM_CLIENT]) {
      const server = await startBusyServer(name, series)
      for (const encoding of name === PROM_CLIENT ? ['identity'] as const : ['identity', 'gzip'] as const) {
        const turns = await interleave(ROUNDS, TURN_LENGTHS.map(milliseconds => {
          return async () => await server.measure(milliseconds, encoding)
        }))
        const medians = TURN_LENGTHS.map((milliseconds, i) => [milliseconds, medianOf(turns[i] ?? [])])
        results.push({ name, encoding, bytes: server.bytes, turns: Object.fromEntries(medians) })
      }
      await server.close()
    }
  }
  return results
}

async function startBusyServer (name: string, series: number): Promise<BusyServer> {
  const server = await startChild<{ origin: string }, { turns: number }>('turns-process.js', [name, series], [])
  const scrape = async (milliseconds: number, encoding: Encoding): Promise<number> => {
    const headers = { 'x-turn': milliseconds, 'accept-encoding': encoding }
    const request = get(`${server.ready.origin}/metrics`, { agent: false, headers })
    const [response] = await once(request, 'response') as [IncomingMessage]
    let bytes = 0
    for await (const chunk of response) bytes += (chunk as Buffer).length
    return bytes
  }
  return {
    bytes: await scrape(0, 'identity'),
    async measure (milliseconds, encoding) {
      await scrape(milliseconds, encoding)
      return (await server.request()).turns
    },
    close: async () => await server.close()
  }
}
