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
const MAX_WAITING = 64 * 1024

const disconnected = (): Error => new Error('the scraper left')

/** Where a sink writes to. */
export interface SinkTarget {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether to compress. */
  readonly gzip: boolean
  /** Writes the head, before the first chunk. */
  begin (): void
}

/** A socket as Node has it. */
interface WithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** Settles a wait. */
type Settled = (err?: Error | null) => void

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
  readonly #begin: () => void
  readonly #closing = new AbortController()
  /** What waits: for chunks to be taken, and for the end. */
  readonly #waits = new Set<Settled>()
  /** What waits for compressed bytes to be taken. */
  #drained: Array<() => void> = []
  /** Bytes that were given to the response and are not taken. */
  #waiting = 0
  #stalled: NodeJS.Timeout | undefined
  /** How much of a write was left to the system at the last look. */
  #queued = 0
  #isEnding = false

  constructor ({ request, response, gzip, begin }: SinkTarget) {
    this.#response = response
    this.#socket = request.socket
    this.#begin = begin
    this.#gzip = gzip ? this.#makeGzip() : null
    response.on('error', err => { this.#settleAll(err) })
    onceResponseEnded(request, response, isComplete => {
      if (!isComplete) this.disconnect()
      else if (this.#isEnding) this.#settleAll()
      else this.#stop() // answered by others, as by Fastify with an error
    })
  }

  /** Whether what is sent is compressed. */
  get compresses (): boolean {
    return this.#gzip !== null
  }

  /** Aborted when the scraper has left or the response is cut off. */
  get signal (): AbortSignal {
    return this.#closing.signal
  }

  async write (chunk: Uint8Array, mode: CompressionMode): Promise<void> {
    await this.#wait(settled => {
      if (this.#gzip === null) this.#respond(chunk, settled)
      else this.#gzip.write(chunk, mode, err => { this.#compressed(settled, err) })
    })
  }

  /** Ends the response, and resolves when all of it has been handed on. */
  async end (): Promise<void> {
    await this.#wait(() => {
      this.#isEnding = true
      ;(this.#gzip ?? this.#response).end()
    })
  }

  /** Ends the response where it is, and what waits for it at once: no event tells of one that Node has queued. */
  disconnect (): void {
    if (this.signal.aborted) return
    // A stream of HTTP/2 whose client has reset it may never close by itself.
    ;(streamOf(this.#response) ?? this.#response).destroy()
    this.#stop()
  }

  #stop (): void {
    this.#closing.abort(disconnected())
    this.#gzip?.destroy()
    this.#settleAll(disconnected())
  }

  async #wait (start: (settled: Settled) => void): Promise<void> {
    this.signal.throwIfAborted()
    if (!this.hasBegun) this.#begin()
    this.hasBegun = true
    await new Promise<void>((resolve, reject) => {
      const settled: Settled = err => {
        this.#waits.delete(settled)
        this.#progress()
        if (err) reject(err)
        else resolve()
      }
      this.#waits.add(settled)
      try {
        start(settled)
        this.#progress()
      } catch (err) {
        settled(err as Error)
      }
    })
  }

  #makeGzip (): Gzip {
    return new Gzip({
      respond: bytes => { this.#respond(bytes, () => { this.#compressedTaken() }) },
      end: () => { this.#response.end() },
      fail: err => { this.#settleAll(err) }
    })
  }

  #settleAll (err?: Error): void {
    for (const settled of this.#waits) settled(err)
  }

  #respond (bytes: Uint8Array, taken: () => void): void {
    // A response without a socket, which a test injects, copies what it is given.
    if (this.#isInjected) {
      this.#response.write(bytes)
      taken()
      return
    }
    this.#waiting += bytes.length
    this.#progress()
    this.#response.write(bytes, err => {
      this.#waiting -= bytes.length
      this.#progress()
      // A scraper that has left; whether this or the close is told first differs between versions of Node.
      if (err) this.disconnect()
      else taken()
    })
  }

  /** A chunk that was compressed is taken when little that came of it and of others waits. */
  #compressed (settled: Settled, err: Error | null | undefined): void {
    if (err) settled(err)
    else if (this.#waiting <= MAX_WAITING) settled()
    else this.#drained.push(settled)
  }

  #compressedTaken (): void {
    if (this.#waiting > MAX_WAITING) return
    const drained = this.#drained
    this.#drained = []
    for (const settled of drained) settled()
  }

  /** Waits anew for the next sign that the scraper takes what it is sent, while there is something to take. */
  #progress (): void {
    clearTimeout(this.#stalled)
    const hasPending = this.#waiting > 0 || this.#isEnding
    // Nobody is slow to take what a test injects, and its fake timers may skip minutes.
    if (this.#waits.size === 0 || !hasPending || this.signal.aborted || this.#isInjected) return
    this.#stalled = setTimeout(() => { this.#checkProgress() }, STALLED_AFTER)
    unref(this.#stalled)
    // Behind the ticks in which Node writes what it can at once.
    onNextTurn(() => { this.#queued = this.#queueSize }).unref()
  }

  // A large write is called back when all of it is taken. What is left of it in the system's queue tells of a part.
  #checkProgress (): void {
    if (this.#queueSize === this.#queued) this.disconnect()
    else this.#progress()
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
