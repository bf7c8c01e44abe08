import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { startStub } from '../../../examples/dynoai-api/jetstream/stub.js'

/** The stub of Jetstream, behind a port that can stop to answer. */
export interface Jetstream {
  readonly url: string
  readonly token: string
  /** While it is down, connections are closed. */
  setDown (isDown: boolean): void
  close (): Promise<void>
}

export async function startJetstream (): Promise<Jetstream> {
  const stub = await startStub()
  const sockets = new Set<Socket>()
  let isRefusing = false

  const server = createServer(client => {
    if (isRefusing) {
      client.destroy()
      return
    }
    const upstream = connect(Number(new URL(stub.url).port), '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from)
      from.pipe(to)
      // An error is followed by 'close'.
      from.on('error', () => {}).on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const disconnect = () => sockets.forEach(socket => socket.destroy())

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: stub.token,
    setDown (isDown) {
      isRefusing = isDown
      if (isDown) disconnect()
    },
    async close () {
      server.close()
      disconnect()
      await stub.close()
    }
  }
}
