import * as zlib from 'node:zlib'
import type { DeflateRaw } from 'node:zlib'
import type { CompressionMode } from '../exposition/chunks.js'
import { checksumOf } from './checksum.js'

const DEFLATE_OPTIONS = {
  /** The default takes three times as long. */
  level: 1,
  /** What is compressed ends at a byte and is not the end of the whole, so that other parts can follow it. */
  finishFlush: zlib.constants.Z_SYNC_FLUSH
}

/** Room for what one write compresses to, in bytes. With less it would take more than one trip to the thread pool. */
const THREADED_OPTIONS = { ...DEFLATE_OPTIONS, chunkSize: 1024 * 1024 }

/** RFC 1952: deflate, no name and no time, compressed fast, of an unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)

/** RFC 1951: a last block without anything in it. */
const LAST_BLOCK = Uint8Array.of(3, 0)

/** Where compressed bytes go, what follows the last of them, and who hears of an error. */
export interface GzipTarget {
  respond (bytes: Uint8Array): void
  end (): void
  fail (err: Error): void
}

/**
 * Compresses what is written: in the thread pool, which leaves the event loop free, or within the slice, 1.6 ms for 1 MB,
 * where a trip to the thread pool takes a turn of a busy event loop. It may change from one to the other with each write:
 * deflate is made of parts that end at a byte, and gzip is a head and a checksum around them.
 */
export class Gzip {
  readonly #target: GzipTarget
  /** What compresses in the thread pool, from the first write for it to the next one within a slice. */
  #threaded: DeflateRaw | null = null
  #hasBegun = false
  #checksum = 0
  #length = 0

  constructor (target: GzipTarget) {
    this.#target = target
  }

  /** `done` is called when the chunk may be written over. */
  write (chunk: Uint8Array, mode: CompressionMode, done: (err?: Error | null) => void): void {
    this.#checksum = checksumOf(chunk, this.#checksum)
    this.#length += chunk.length
    if (mode === 'threaded') {
      this.#threaded ??= this.#start()
      this.#threaded.write(chunk, done)
      return
    }
    this.#afterThreaded(() => {
      try {
        this.#respond(zlib.deflateRawSync(chunk, DEFLATE_OPTIONS))
      } catch (err) { // as when no memory is left
        done(err as Error)
        return
      }
      done()
    })
  }

  end (): void {
    this.#afterThreaded(() => {
      const trailer = Buffer.alloc(8)
      trailer.writeUInt32LE(this.#checksum)
      trailer.writeUInt32LE(this.#length % 2 ** 32, 4)
      this.#respond(Buffer.concat([LAST_BLOCK, trailer]))
      this.#target.end()
    })
  }

  destroy (): void {
    this.#threaded?.destroy()
  }

  #start (): DeflateRaw {
    const threaded = zlib.createDeflateRaw(THREADED_OPTIONS)
    threaded.on('data', (bytes: Buffer) => { this.#respond(bytes) })
    threaded.on('error', err => { this.#target.fail(err) })
    return threaded
  }

  /** Goes on when what the thread pool has is compressed; never after an error, or when this has been destroyed. */
  #afterThreaded (then: () => void): void {
    if (this.#threaded === null) {
      then()
      return
    }
    this.#threaded.once('end', () => {
      this.#threaded = null
      then()
    })
    this.#threaded.end()
  }

  #respond (bytes: Uint8Array): void {
    this.#target.respond(this.#hasBegun ? bytes : Buffer.concat([HEADER, bytes]))
    this.#hasBegun = true
  }
}
