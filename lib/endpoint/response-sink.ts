import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers'
import type { Sink, CompressionMode } from '../exposition/chunks.js'
import { streamOf } from '../http/http2.js'
import { onceResponseEnded } from '../http/response-end.js'
import { unref } from '../util/unref.js'
import { Gzip } from './gzip.js'

// Taken when this is loaded, since tests of an application may put another in its place.
const onNextTurn = setImmediate

/** For how long a scraper may take nothing of what it is sent, in milliseconds: as long as Prometheus waits by default. */
export const STALLED_AFTER = 10_000

/** So many compressed bytes may wait for the scraper until more is compressed. */
const MAX_PENDING_BYTES = 64 * 1024

const disconnectError = (): Error => new Error('the scraper left')

/** Where a sink writes to. */
export interface SinkTarget {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether to compress. */
  readonly gzip: boolean
  /** Writes the head, before the first chunk. */
  writeHead (): void
}

/** A socket as Node has it. */
interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** Settles a wait. */
type Settle = (err?: Error | null) => void

/**
 * A response as the end of an exposition. It sends chunks, compressed if asked for, and tells of each when it may be
 * written over. It rejects when the scraper leaves, or takes nothing for too long and is cut off.
 */
export class ResponseSink implements Sink {
  /** Whether anything was sent. */
  hasBegun = false
  readonly #response: ServerResponse
  readonly #socket: Partial<Socket>
  readonly #gzip: Gzip | null
  readonly #writeHead: () => void
  readonly #abortController = new AbortController()
  /** What waits: for chunks to be taken, and for the end. */
  readonly #pendingSettles = new Set<Settle>()
  /** What waits for compressed bytes to be taken. */
  #waitingForDrain: Array<() => void> = []
  /** Bytes that were given to the response and are not taken. */
  #pendingBytes = 0
  #stalled: NodeJS.Timeout | undefined
  /** How much of a write was left to the system at the last look. */
  #queued = 0
  #isEnding = false

  constructor ({ request, response, gzip, writeHead }: SinkTarget) {
    this.#response = response
    this.#socket = request.socket
    this.#writeHead = writeHead
    this.#gzip = gzip ? this.#createGzip() : null
    response.on('error', err => { this.#settleAll(err) })
    onceResponseEnded(request, response, isComplete => {
      if (!isComplete) this.disconnect()
      else if (this.#isEnding) this.#settleAll()
      else this.#abort() // answered by others, as by Fastify with an error
    })
  }

  /** Whether what is sent is compressed. */
  get isCompressing (): boolean {
    return this.#gzip !== null
  }

  /** Aborted when the scraper has left or the response is cut off. */
  get signal (): AbortSignal {
    return this.#abortController.signal
  }

  async write (chunk: Uint8Array, mode: CompressionMode): Promise<void> {
    await this.#waitFor(settle => {
      if (this.#gzip === null) this.#respond(chunk, settle)
      else this.#gzip.write(chunk, mode, err => { this.#settleCompressed(settle, err) })
    })
  }

  /** Ends the response, and resolves when all of it has been handed on. */
  async end (): Promise<void> {
    await this.#waitFor(() => {
      this.#isEnding = true
      ;(this.#gzip ?? this.#response).end()
    })
  }

  /** Ends the response where it is, and what waits for it at once: no event tells of one that Node has queued. */
  disconnect (): void {
    if (this.signal.aborted) return
    // A stream of HTTP/2 whose client has reset it may never close by itself.
    ;(streamOf(this.#response) ?? this.#response).destroy()
    this.#abort()
  }

  #abort (): void {
    this.#abortController.abort(disconnectError())
    this.#gzip?.destroy()
    this.#settleAll(disconnectError())
  }

  async #waitFor (start: (settle: Settle) => void): Promise<void> {
    this.signal.throwIfAborted()
    if (!this.hasBegun) this.#writeHead()
    this.hasBegun = true
    await new Promise<void>((resolve, reject) => {
      const settle: Settle = err => {
        this.#pendingSettles.delete(settle)
        this.#watchProgress()
        if (err) reject(err)
        else resolve()
      }
      this.#pendingSettles.add(settle)
      try {
        start(settle)
        this.#watchProgress()
      } catch (err) {
        settle(err as Error)
      }
    })
  }

  #createGzip (): Gzip {
    return new Gzip({
      respond: bytes => { this.#respond(bytes, () => { this.#settleDrained() }) },
      end: () => { this.#response.end() },
      fail: err => { this.#settleAll(err) }
    })
  }

  #settleAll (err?: Error): void {
    for (const settle of this.#pendingSettles) settle(err)
  }

  #respond (bytes: Uint8Array, onSent: () => void): void {
    // A response without a socket, which a test injects, copies what it is given.
    if (this.#isInjected) {
      this.#response.write(bytes)
      onSent()
      return
    }
    this.#pendingBytes += bytes.length
    this.#watchProgress()
    this.#response.write(bytes, err => {
      this.#pendingBytes -= bytes.length
      this.#watchProgress()
      // A scraper that has left; whether this or the close is told first differs between versions of Node.
      if (err) this.disconnect()
      else onSent()
    })
  }

  /** A chunk that was compressed is taken when little that came of it and of others waits. */
  #settleCompressed (settle: Settle, err: Error | null | undefined): void {
    if (err) settle(err)
    else if (this.#pendingBytes <= MAX_PENDING_BYTES) settle()
    else this.#waitingForDrain.push(settle)
  }

  #settleDrained (): void {
    if (this.#pendingBytes > MAX_PENDING_BYTES) return
    const drained = this.#waitingForDrain
    this.#waitingForDrain = []
    for (const settle of drained) settle()
  }

  /** Waits anew for the next sign that the scraper takes what it is sent, while there is something to take. */
  #watchProgress (): void {
    clearTimeout(this.#stalled)
    const hasPending = this.#pendingBytes > 0 || this.#isEnding
    // Nobody is slow to take what a test injects, and its fake timers may skip minutes.
    if (this.#pendingSettles.size === 0 || !hasPending || this.signal.aborted || this.#isInjected) return
    this.#stalled = setTimeout(() => { this.#checkProgress() }, STALLED_AFTER)
    unref(this.#stalled)
    // Behind the ticks in which Node writes what it can at once.
    onNextTurn(() => { this.#queued = this.#queueSize }).unref()
  }

  // A large write is called back when all of it is taken. What is left of it in the system's queue tells of a part.
  #checkProgress (): void {
    if (this.#queueSize === this.#queued) this.disconnect()
    else this.#watchProgress()
  }

  get #isInjected (): boolean {
    return this.#socket.destroyed === undefined
  }

  /** Private to Node, which tells by the same whether a socket is idle. */
  get #queueSize (): number {
    // That of an HTTP/2 connection also holds bytes of other streams, and a queued response has no socket.
    if (streamOf(this.#response) !== undefined) return 0
    const socket = this.#response.socket as WithHandle | null
    return socket?._handle?.writeQueueSize ?? 0
  }
}
