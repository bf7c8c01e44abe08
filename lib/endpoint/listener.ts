import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { onceResponseEnded } from '../http/response-end.js'
import type { ListenOptions } from '../options/options.js'

/** The error codes for an address that the machine does not have. */
const ABSENT_ADDRESS_CODES: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

type ResolveHost = (host: string) => Promise<ReadonlyArray<{ readonly address: string }>>

const lookupAll: ResolveHost = async host => await lookup(host, { all: true })

/**
 * A separate listener for the endpoint, which the application's clients do not reach. It opens when the application is
 * ready. It closes with the application, after the scrapes in flight. An idle listener never keeps the process running.
 */
export class Listener {
  /** The address at which it listens; `null` before and after. */
  address: AddressInfo | null = null
  /** The Fastify instance that it serves. The routes are added to it. */
  readonly fastify: FastifyInstance = Fastify()
  readonly #options: ListenOptions
  readonly #resolveHost: ResolveHost
  readonly #servers: Server[] = []
  /** The TCP connections. */
  readonly #connections = new Set<Socket>()
  /** The number of requests in flight by HTTP socket. With TLS this is not the socket of the TCP connection. */
  readonly #requestCounts = new Map<Socket, number>()
  #isClosing = false

  /** `resolveHost` returns the addresses of a host. */
  constructor (options: ListenOptions, resolveHost: ResolveHost = lookupAll) {
    this.#options = options
    this.#resolveHost = resolveHost
  }

  /** Opens and closes together with an application. */
  openAndCloseWith (application: FastifyInstance): void {
    // In `onReady`, since Fastify swallows errors of `onListen`.
    application.addHook('onReady', async () => { await this.#open() })
    application.addHook('onClose', async () => { await this.#close() })
  }

  // With Node's servers, one for each address of the host: `localhost` has two, and Fastify would unref only one
  // server.
  async #open (): Promise<void> {
    await this.fastify.ready()
    const { host, port } = this.#options
    const addresses = await this.#resolveHost(host)
    let firstError: unknown
    for (const address of new Set(addresses.map(({ address }) => address))) {
      try {
        await this.#listen(address, this.address?.port ?? port)
      } catch (err) {
        firstError ??= err
        // A host may have an address that the machine does not have, such as `::1` without IPv6.
        if (ABSENT_ADDRESS_CODES.has((err as NodeJS.ErrnoException).code)) continue
        await this.#close()
        throw err
      }
    }
    if (this.address === null) throw firstError
  }

  async #listen (host: string, port: number): Promise<void> {
    const server = this.#createServer((request, response) => { this.#handleRequest(request, response) }).unref()
    server.on('connection', socket => {
      socket.unref()
      this.#connections.add(socket)
      socket.once('close', () => { this.#connections.delete(socket) })
    })
    server.listen({ host, port })
    await once(server, 'listening')
    this.#servers.push(server)
    this.address ??= server.address() as AddressInfo
  }

  #createServer (listener: RequestListener): Server {
    const { https } = this.#options
    return https === undefined ? createServer(listener) : createSecureServer({ ...https }, listener)
  }

  // A scrape in flight keeps the process running: otherwise the process could exit before it, while the application
  // closes.
  #handleRequest (request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    this.#requestCounts.set(socket, (this.#requestCounts.get(socket) ?? 0) + 1)
    socket.ref()
    onceResponseEnded(request, response, () => {
      const remaining = this.#requestCounts.get(socket)! - 1 // set above, and deleted with the last
      if (remaining > 0) {
        this.#requestCounts.set(socket, remaining)
        return
      }
      this.#requestCounts.delete(socket)
      socket.unref()
      if (this.#isClosing) socket.destroySoon()
    })
    this.fastify.routing(request, response)
  }

  async #close (): Promise<void> {
    this.#isClosing = true
    await this.fastify.close()
    // Otherwise `close` would wait for connections without a request.
    const busyConnections = new Set([...this.#requestCounts.keys()].map(connectionKey))
    for (const socket of this.#connections) if (!busyConnections.has(connectionKey(socket))) socket.destroy()
    await Promise.all(this.#servers.map(async server => await new Promise(resolve => { server.close(resolve) })))
    this.address = null
  }
}

/** A key that the socket of a TCP connection and the TLS socket over it share. */
function connectionKey ({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
