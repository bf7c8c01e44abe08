import autocannon from 'autocannon'
import { startChild } from './child.js'
import { BARE } from './names.js'
import type { LoadResult } from './results.js'
import { interleave } from './rounds.js'
import { SETUP_NAMES } from './setups.js'
import { medianRatio, summarise } from './statistics.js'

const ROUNDS = 25
/** Number of requests in one measurement. */
const AMOUNT = 20_000
const CONNECTIONS = 20

/** A server process with one setup. */
interface LoadedServer {
  /** Sends a batch of requests and returns the CPU time of the server per request, in microseconds. */
  measure (): Promise<number>
  close (): Promise<void>
}

/** Measures the CPU time of servers under load, with all setups. */
export async function benchLoad (): Promise<LoadResult[]> {
  const servers = await Promise.all(SETUP_NAMES.map(startServer))
  const results = await interleave(ROUNDS, servers.map(server => server.measure))
  await Promise.all(servers.map(server => server.close()))
  const bare = results[SETUP_NAMES.indexOf(BARE)] ?? []
  return SETUP_NAMES.map((name, i) => {
    const microseconds = results[i] ?? []
    return { name, microseconds: summarise(microseconds), ratioToBare: medianRatio(microseconds, bare) }
  })
}

async function startServer (name: string): Promise<LoadedServer> {
  const server = await startChild<{ origin: string }, { cpuMicroseconds: number }>('server-process.js', [name])
  const url = `${server.ready.origin}/api/status/1`
  return {
    async measure () {
      const before = await server.request()
      const result = await autocannon({ url, amount: AMOUNT, connections: CONNECTIONS })
      if (result['2xx'] !== AMOUNT) throw new Error(`${name}: ${result['2xx']} of ${AMOUNT} responses`)
      const after = await server.request()
      return (after.cpuMicroseconds - before.cpuMicroseconds) / AMOUNT
    },
    close: async () => await server.close()
  }
}
