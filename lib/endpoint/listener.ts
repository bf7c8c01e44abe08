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

/** What an error says of an address that the machine does not have. */
const ABSENT_ADDRESS_CODES: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

type ResolveHost = (host: string) => Promise<ReadonlyArray<{ readonly address: string }>>

const lookupAll: ResolveHost = async host => await lookup(host, { all: true })

/**
 * A listener of its own, for a route of the metrics that the application's clients do not reach. It opens when the
 * application is ready, closes with it after the scrapes in the air, and never keeps the process alive.
 */
export class Listener {
  /** Where it listens, while it does. */
  address: AddressInfo | null = null
  /** What it serves; the routes are put onto this. */
  readonly fastify: FastifyInstance = Fastify()
  readonly #options: ListenOptions
  readonly #resolveHost: ResolveHost
  readonly #servers: Server[] = []
  /** The connections as TCP has them. */
  readonly #connections = new Set<Socket>()
  /** How many requests are being answered over each socket as HTTP has it: with TLS not the one of the connection. */
  readonly #requestCounts = new Map<Socket, number>()
  #isClosing = false

  /** `addressesOf` gives the addresses of a host. */
  constructor (options: ListenOptions, resolveHost: ResolveHost = lookupAll) {
    this.#options = options
    this.#resolveHost = resolveHost
  }

  /** Opens and closes it with an application. */
  openAndCloseWith (application: FastifyInstance): void {
    // In `onReady`, since Fastify lets pass what fails in `onListen`.
    application.addHook('onReady', async () => { await this.#open() })
    application.addHook('onClose', async () => { await this.#close() })
  }

  // By Node's own servers, one for each address of the host: `localhost` has two, and Fastify would unref one of them only.
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
        // A name may stand for an address that the machine does not have, as `::1` where there is no IPv6.
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

  // A scrape in the air does keep the process alive, or an application that closes would end before it.
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
    // Who has connected and asked for nothing would otherwise be waited for.
    const busyPeers = new Set([...this.#requestCounts.keys()].map(connectionKey))
    for (const socket of this.#connections) if (!busyPeers.has(connectionKey(socket))) socket.destroy()
    await Promise.all(this.#servers.map(async server => await new Promise(resolve => { server.close(resolve) })))
    this.address = null
  }
}

/** What a connection and the TLS over it have in common. */
function connectionKey ({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
