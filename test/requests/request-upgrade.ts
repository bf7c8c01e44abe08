import type { Socket } from 'node:net'
import { openRawConnection, readData } from '../fixtures/raw-client.js'

interface UpgradeResponse {
  readonly socket: Socket
  readonly head: string
  readonly status: number
}

/** Requests a WebSocket upgrade over a new connection, with an additional header line, and waits for the response. */
export async function requestUpgrade (origin: string, path: string, headerLine = ''): Promise<UpgradeResponse> {
  const socket = await openRawConnection(origin)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headerLine}\r\n`)
  const head = await readData(socket)
  return { socket, head, status: Number(head.slice(9, 12)) }
}
