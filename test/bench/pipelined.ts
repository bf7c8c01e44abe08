import { once } from 'node:events'
import { connect } from 'node:net'
import { startChild } from './child.js'

/** What becomes of the requests: all are answered, or the client leaves when the first is. */
export type Ending = 'answered' | 'left'

/** Requests of one measurement at least, one connection after the other: a few take too little time to be measured. */
const AMOUNT = 20_000

/** A server process that is measured in one way. */
export interface PipelinedServer {
  /** Sends so many requests over one connection; gives the CPU time that the server took for one, in microseconds. */
  measure (count: number, ending: Ending): Promise<number>
  close (): Promise<void>
}

/** Starts a server process with the setup of this name, whose handler waits until all requests have come. */
export async function startPipelinedServer (name: string): Promise<PipelinedServer> {
  const server = await startChild<{ origin: string }, { cpuMicroseconds: number }>('pipelined-process.js', [name], [])
  return {
    async measure (count, ending) {
      const connections = Math.ceil(AMOUNT / count)
      const before = await server.ask()
      for (let i = 0; i < connections; i++) await pipeline(server.ready.origin, count, ending)
      const after = await server.ask()
      return (after.cpuMicroseconds - before.cpuMicroseconds) / (connections * count)
    },
    close: async () => await server.close()
  }
}

async function pipeline (origin: string, count: number, ending: Ending): Promise<void> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const awaited = ending === 'left' ? 1 : count
  let answers = 0
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('HTTP/1.1 200')
    answers += parts.length - 1
    // A status line may lie in two chunks.
    rest = parts.at(-1)?.slice(-20) ?? ''
    if (answers >= awaited) socket.destroy()
  })
  const closed = once(socket, 'close')
  socket.write(`GET /${ending}/${count} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(count))
  await closed
  if (answers < awaited) throw new Error(`${answers} of ${count} answers`)
}
