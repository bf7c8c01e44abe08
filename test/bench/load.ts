import autocannon from 'autocannon'
import { startChild } from './child.js'

/** Requests of one measurement, and over how many connections. */
const AMOUNT = 20_000
const CONNECTIONS = 20

/** A server process that is measured in one way. */
export interface LoadedServer {
  /** Sends a batch of requests, and gives the CPU time that the server took for one, in microseconds. */
  measure (): Promise<number>
  close (): Promise<void>
}

/** Starts a server process with the setup of this name. */
export async function startServer (name: string): Promise<LoadedServer> {
  const server = await startChild<{ origin: string }, { cpuMicroseconds: number }>('server-process.js', [name])
  return {
    async measure () {
      const before = await server.ask()
      const result = await autocannon({ url: `${server.ready.origin}/api/status/1`, amount: AMOUNT, connections: CONNECTIONS })
      if (result['2xx'] !== AMOUNT) throw new Error(`${name}: ${result['2xx']} of ${AMOUNT} answers`)
      const after = await server.ask()
      return (after.cpuMicroseconds - before.cpuMicroseconds) / AMOUNT
    },
    close: async () => await server.close()
  }
}
