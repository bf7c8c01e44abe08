import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { CompressionMode, Sink } from '../exposition/chunks.js'
import { streamOf } from '../http/http2.js'
import { onceResponseEnded } from '../http/response-end.js'
import { Gzip } from './gzip.js'
import { StallDetector } from './stall-detector.js'

/** How many compressed bytes may wait for the scraper before the next chunk is accepted. */
const MAX_PENDING_BYTES = 64 * 1024

const disconnectError = (): Error => new Error('the scraper has disconnected')

/** The request and the response of a scrape. */
export interface SinkTarget {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether to compress. */
  readonly gzip: boolean
  /** Writes the head of the response. Called before the first chunk. */
  writeHead (): void
}

/** Resolves a promise, or rejects it with an error. */
type Settle = (err?: Error | null) => void

/**
 * Sends the chunks of an exposition as a response, compressed if requested, and reports when each chunk may be
 * overwritten. It rejects when the scraper disconnects, or when it stalls and is disconnected.
 */
export class ResponseSink implements Sink {
  /** Whether the head was written. */
  hasBegun = false
  readonly #response: ServerResponse
  readonly #socket: Partial<Socket>
  readonly #gzip: Gzip | null
  readonly #writeHead: () => void
  readonly #stallDetector: StallDetector
  readonly #abortController = new AbortController()
  /** The pending promises: for chunks that the scraper has not read, and for the end. */
  readonly #pending = new Set<Settle>()
  /** The pending promises for compressed chunks, which wait until few bytes are pending. */
  #waitingForDrain: Settle[] = []
  /** Bytes that were written to the response and that it has not sent. */
  #pendingBytes = 0
  #isEnding = false

  constructor ({ request, response, gzip, writeHead }: SinkTarget) {
    this.#response = response
    this.#socket = request.socket
    this.#writeHead = writeHead
    this.#gzip = gzip ? this.#createGzip() : null
    this.#stallDetector = new StallDetector(response, () => { this.disconnect() })
    response.on('error', err => { this.#settleAll(err) })
    onceResponseEnded(request, response, isComplete => {
      if (!isComplete) this.disconnect()
      else if (this.#isEnding) this.#settleAll()
      else this.#abort() // other code has completed the response, as Fastify does for an error
    })
  }

  /** Whether it compresses the chunks. */
  get isCompressing (): boolean {
    return this.#gzip !== null
  }

  /** Aborted when the scraper has disconnected, or was disconnected. */
  get signal (): AbortSignal {
    return this.#abortController.signal
  }

  async write (chunk: Uint8Array, mode: CompressionMode): Promise<void> {
    await this.#run(settle => {
      if (this.#gzip === null) this.#send(chunk, settle)
      else this.#gzip.write(chunk, mode, err => { this.#settleCompressed(settle, err) })
    })
  }

  /** Ends the response. Resolves when all of it has been sent. */
  async end (): Promise<void> {
    await this.#run(() => {
      this.#isEnding = true
      ;(this.#gzip ?? this.#response).end()
    })
  }

  /** Disconnects the scraper and rejects pending promises at once: a response that Node has queued emits no event. */
  disconnect (): void {
    if (this.signal.aborted) return
    // An HTTP/2 stream that its client has reset may never close by itself.
    ;(streamOf(this.#response) ?? this.#response).destroy()
    this.#abort()
  }

  #abort (): void {
    this.#abortController.abort(disconnectError())
    this.#gzip?.destroy()
    this.#settleAll(disconnectError())
  }

  /** Starts a write or the end, and waits until it settles. */
  async #run (start: (settle: Settle) => void): Promise<void> {
    this.signal.throwIfAborted()
    if (!this.hasBegun) this.#writeHead()
    this.hasBegun = true
    await new Promise<void>((resolve, reject) => {
      const settle: Settle = err => {
        this.#pending.delete(settle)
        this.#watchProgress()
        if (err) reject(err)
        else resolve()
      }
      this.#pending.add(settle)
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
      write: bytes => { this.#send(bytes, () => { this.#settleDrained() }) },
      end: () => { this.#response.end() },
      fail: err => { this.#settleAll(err) }
    })
  }

  #settleAll (err?: Error): void {
    for (const settle of this.#pending) settle(err)
  }

  #send (bytes: Uint8Array, onSent: () => void): void {
    // The response of an injected request has no socket. It copies the bytes.
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
      // The scraper has disconnected. Some versions of Node emit 'close' before this error, others after it.
      if (err) this.disconnect()
      else onSent()
    })
  }

  /** Settles a compressed chunk, or lets it wait until few bytes are pending. */
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

  /** Expects progress of the scraper while there is something for it to read. */
  #watchProgress (): void {
    const canProgress = this.#pending.size > 0 && (this.#pendingBytes > 0 || this.#isEnding)
    // An injected request has no slow scraper, and the fake timers of a test may skip minutes.
    if (canProgress && !this.signal.aborted && !this.#isInjected) this.#stallDetector.restart()
    else this.#stallDetector.stop()
  }

  get #isInjected (): boolean {
    return this.#socket.destroyed === undefined
  }
}
