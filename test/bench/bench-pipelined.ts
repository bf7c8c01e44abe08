import { once } from 'node:events'
import { connect } from 'node:net'
import { startChild } from './child.js'
import { BARE, DYNOAI_METRICS } from './names.js'
import type { Outcome, PipelinedResult } from './results.js'
import { interleave } from './rounds.js'
import { medianRatio, summarise } from './statistics.js'

const ROUNDS = 15
const SETUPS = [BARE, DYNOAI_METRICS] as const
/** Numbers of pipelined requests, each with both outcomes. */
const CASES = [1000, 10_000, 50_000].flatMap(count => {
  return [{ count, outcome: 'complete' }, { count, outcome: 'drop' }] as const
})

/** The least number of requests in one measurement, on successive connections: fewer take too little time. */
const AMOUNT = 20_000

/** A server process with one setup. */
interface PipelinedServer {
  /** Sends `count` requests per connection and returns the CPU time of the server per request, in microseconds. */
  measure (count: number, outcome: Outcome): Promise<number>
  close (): Promise<void>
}

/** Measures the CPU time of pipelined requests. */
export async function benchPipelined (): Promise<PipelinedResult[]> {
  const servers: PipelinedServer[] = []
  for (const name of SETUPS) servers.push(await startPipelinedServer(name))
  const cases = CASES.flatMap(({ count, outcome }) =>
    servers.map(server => async () => await server.measure(count, outcome)))
  const results = await interleave(ROUNDS, cases)
  await Promise.all(servers.map(server => server.close()))
  return CASES.map(({ count, outcome }, i) => {
    const [bare = [], dynoai = []] = results.slice(2 * i)
    const ratioToBare = medianRatio(dynoai, bare)
    return { count, outcome, bare: summarise(bare), dynoaiMetrics: summarise(dynoai), ratioToBare }
  })
}

async function startPipelinedServer (name: string): Promise<PipelinedServer> {
  const server = await startChild<{ origin: string }, { cpuMicroseconds: number }>('pipelined-process.js', [name], [])
  return {
    async measure (count, outcome) {
      const connections = Math.ceil(AMOUNT / count)
      const before = await server.request()
      for (let i = 0; i < connections; i++) await pipeline(server.ready.origin, count, outcome)
      const after = await server.request()
      return (after.cpuMicroseconds - before.cpuMicroseconds) / (connections * count)
    },
    close: async () => await server.close()
  }
}

async function pipeline (origin: string, count: number, outcome: Outcome): Promise<void> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const expected = outcome === 'drop' ? 1 : count
  let responses = 0
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('HTTP/1.1 200')
    responses += parts.length - 1
    // A status line can be split across two chunks.
    rest = parts.at(-1)?.slice(-20) ?? ''
    if (responses >= expected) socket.destroy()
  })
  const closed = once(socket, 'close')
  socket.write(`GET /${outcome}/${count} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(count))
  await closed
  if (responses < expected) throw new Error(`${responses} of ${count} responses`)
}
