import type { ServerResponse } from 'node:http'
import type { Http2Stream } from 'node:http2'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Sink } from '../exposition/scrape.js'
import { streamOf } from '../http/http2.js'

/** For how long a scraper may take nothing of what it is sent, in milliseconds: as long as Prometheus waits by default. */
export const STALLED_AFTER = 10_000

type Settled = (err?: Error | null) => void

const left = (): Error => new Error('the scraper left')

/**
 * A response as the end of an exposition. It sends chunks one after the other, compressed if asked for, each when the one
 * before has been taken: so no more than one waits for a slow scraper. It rejects when the scraper leaves, or takes
 * nothing for too long and is cut off.
 */
export class ResponseSink implements Sink {
  /** Whether anything was sent. */
  hasBegun = false
  /** Whether the response is over, whoever ended it. */
  isClosed = false
  readonly #response: ServerResponse
  readonly #stream: Http2Stream | undefined
  readonly #target: Writable
  readonly #begin: () => void
  /** Settles the write in the air. */
  #settled: Settled = () => {}

  /** `begin` writes the head, before the first chunk. */
  constructor (response: ServerResponse, gzip: boolean, begin: () => void) {
    this.#response = response
    this.#begin = begin
    // Level 1, since the default takes three times as long.
    const compressor = gzip ? createGzip({ level: 1 }) : null
    compressor?.pipe(response)
    this.#target = compressor ?? response
    // While it waits for room to write, a stream of HTTP/2 tells no more than this of a scraper that has left.
    this.#stream = streamOf(response)
    this.#stream?.once('aborted', () => { this.cutOff() })
    this.#target.once('error', err => { this.#settled(err) })
    response.once('close', () => {
      this.isClosed = true
      this.#target.destroy()
      this.#settled(left())
    })
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
    await this.#send(settled => {
      this.#response.once('finish', settled)
      this.#target.end()
    })
  }

  /** Ends the response where it is. */
  cutOff (): void {
    // The response of HTTP/2 cannot be destroyed itself.
    (this.#stream ?? this.#response).destroy()
  }

  async #send (start: (settled: Settled) => void): Promise<void> {
    if (this.isClosed) throw left()
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
