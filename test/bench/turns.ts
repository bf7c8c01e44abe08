import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { startChild } from './child.js'

/** A server whose event loop is busy while it is scraped. */
export interface BusyServer {
  /** How many turns of so many milliseconds a scrape takes. */
  measure (milliseconds: number, encoding: 'identity' | 'gzip'): Promise<number>
  /** Bytes of its plain text. */
  readonly bytes: number
  close (): Promise<void>
}

/** Starts a server process with as many series. */
export async function startBusyServer (name: string, series: number): Promise<BusyServer> {
  const server = await startChild<{ origin: string }, { turns: number }>('turns-process.js', [name, series], [])
  const scrape = async (milliseconds: number, encoding: string): Promise<number> => {
    const request = get(`${server.ready.origin}/metrics`, { agent: false, headers: { 'x-turn': milliseconds, 'accept-encoding': encoding } })
    const [response] = await once(request, 'response') as [IncomingMessage]
    let bytes = 0
    for await (const chunk of response) bytes += (chunk as Buffer).length
    return bytes
  }
  return {
    bytes: await scrape(0, 'identity'),
    async measure (milliseconds, encoding) {
      await scrape(milliseconds, encoding)
      return (await server.ask()).turns
    },
    close: async () => await server.close()
  }
}
