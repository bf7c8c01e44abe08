import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Gzip } from 'node:zlib'
import type { Sink } from '../exposition/scrape.js'
import { streamOf } from '../http/http2.js'
import { onceResponseOver } from '../http/response-end.js'

/** For how long a scraper may take nothing of what it is sent, in milliseconds: as long as Prometheus waits by default. */
export const STALLED_AFTER = 10_000

type Settled = (err?: Error | null) => void

const left = (): Error => new Error('the scraper left')

/** Where a sink writes to. */
export interface SinkTarget {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether to compress. */
  readonly gzip: boolean
  /** Writes the head, before the first chunk. */
  begin (): void
}

/**
 * A response as the end of an exposition. It sends chunks one after the other, compressed if asked for, each when the one
 * before has been taken: so no more than one waits for a slow scraper. It rejects when the scraper leaves, or takes
 * nothing for too long and is cut off.
 */
export class ResponseSink implements Sink {
  /** Whether anything was sent. */
  hasBegun = false
  readonly #response: ServerResponse
  readonly #compressor: Gzip | null
  readonly #target: Writable
  readonly #begin: () => void
  readonly #closing = new AbortController()
  #isEnding = false
  /** Settles the write that is under way. */
  #settled: Settled = () => {}

  constructor ({ request, response, gzip, begin }: SinkTarget) {
    this.#response = response
    this.#begin = begin
    // Level 1, since the default takes three times as long.
    this.#compressor = gzip ? createGzip({ level: 1 }) : null
    this.#compressor?.pipe(response)
    this.#target = this.#compressor ?? response
    this.#target.on('error', err => { this.#settled(err) })
    onceResponseOver(request, response, isComplete => {
      if (isComplete && this.#isEnding) this.#settled()
      else this.cutOff()
    })
  }

  /** Aborted when the scraper has left or the response is cut off. */
  get signal (): AbortSignal {
    return this.#closing.signal
  }

  async write (chunk: Uint8Array): Promise<void> {
    await this.#send(settled => {
      this.#target.write(chunk, err => {
        // A scraper that has left; whether this or the close is told first differs between versions of Node.
        if (err) this.cutOff()
        else settled()
      })
    })
  }

  /** Ends the response, and resolves when all of it has been handed on. */
  async end (): Promise<void> {
    await this.#send(() => {
      this.#isEnding = true
      this.#target.end()
    })
  }

  /** Ends the response where it is, and what waits for it at once: no event tells of one that Node has queued. */
  cutOff (): void {
    if (this.signal.aborted) return
    this.#closing.abort(left())
    this.#compressor?.destroy();
    // A stream of HTTP/2 whose client has reset it may never close by itself.
    (streamOf(this.#response) ?? this.#response).destroy()
    this.#settled(left())
  }

  async #send (start: (settled: Settled) => void): Promise<void> {
    this.signal.throwIfAborted()
    if (!this.hasBegun) this.#begin()
    this.hasBegun = true
    let stalled: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        // Not by the callback of a write alone: that to a scraper that has left is never called back.
        this.#settled = err => { if (err) reject(err); else resolve() }
        stalled = setTimeout(() => { this.cutOff() }, STALLED_AFTER)
        stalled.unref()
        start(this.#settled)
      })
    } finally {
      clearTimeout(stalled)
    }
  }
}
