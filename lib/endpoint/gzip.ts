import * as zlib from 'node:zlib'
import type { DeflateRaw } from 'node:zlib'
import type { CompressionMode } from '../exposition/chunks.js'
import { checksumOf } from './checksum.js'

const DEFLATE_OPTIONS = {
  /** The default level takes 3 × as long. */
  level: 1,
  /** The output ends at a byte and is not final, so other parts can follow it. */
  finishFlush: zlib.constants.Z_SYNC_FLUSH
}

/**
 * `chunkSize` is the space for the output of one write, in bytes. With less, a write needs several trips to the thread
 * pool.
 */
const THREADED_OPTIONS = { ...DEFLATE_OPTIONS, chunkSize: 1024 * 1024 }

/** From RFC 1952: deflate, no file name, no time, fastest algorithm, unknown operating system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)

/** From RFC 1951: an empty last block. */
const LAST_BLOCK = Uint8Array.of(3, 0)

/** Receives the compressed bytes, the end of them, and errors. */
export interface GzipTarget {
  write (bytes: Uint8Array): void
  end (): void
  fail (err: Error): void
}

/**
 * Compresses chunks: in the thread pool, which leaves the event loop free, or within the slice, which takes 1.6 ms for
 * 1 MB. On a busy event loop the thread pool is slower, since a trip to it takes a turn. Each write may use the other
 * mode: deflate consists of parts that end at a byte, and gzip adds a header before and a checksum after them.
 */
export class Gzip {
  readonly #target: GzipTarget
  /** Compresses in the thread pool. It exists from the first threaded write to the next inline write. */
  #threaded: DeflateRaw | null = null
  #hasBegun = false
  #checksum = 0
  #length = 0

  constructor (target: GzipTarget) {
    this.#target = target
  }

  /** `done` is called when the chunk may be overwritten. */
  write (chunk: Uint8Array, mode: CompressionMode, done: (err?: Error | null) => void): void {
    this.#checksum = checksumOf(chunk, this.#checksum)
    this.#length += chunk.length
    if (mode === 'threaded') {
      this.#threaded ??= this.#createThreaded()
      this.#threaded.write(chunk, done)
      return
    }
    this.#afterThreaded(() => {
      try {
        this.#write(zlib.deflateRawSync(chunk, DEFLATE_OPTIONS))
      } catch (err) { // for example if there is not enough memory
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
      this.#write(Buffer.concat([LAST_BLOCK, trailer]))
      this.#target.end()
    })
  }

  destroy (): void {
    this.#threaded?.destroy()
  }

  #createThreaded (): DeflateRaw {
    const threaded = zlib.createDeflateRaw(THREADED_OPTIONS)
    threaded.on('data', (bytes: Buffer) => { this.#write(bytes) })
    threaded.on('error', err => { this.#target.fail(err) })
    return threaded
  }

  /** Calls back when the thread pool has compressed its chunks; never after an error or after `destroy`. */
  #afterThreaded (callback: () => void): void {
    if (this.#threaded === null) {
      callback()
      return
    }
    this.#threaded.once('end', () => {
      this.#threaded = null
      callback()
    })
    this.#threaded.end()
  }

  #write (bytes: Uint8Array): void {
    this.#target.write(this.#hasBegun ? bytes : Buffer.concat([HEADER, bytes]))
    this.#hasBegun = true
  }
}
