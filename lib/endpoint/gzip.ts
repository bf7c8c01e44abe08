import * as zlib from 'node:zlib'
import type { Gzip } from 'node:zlib'
import type { Work } from '../exposition/chunks.js'

/** Level 1, since the default takes three times as long. */
const LEVEL = 1

/** Room for what one write compresses to, in bytes. With less it would take more than one trip to the thread pool. */
const ROOM = 1024 * 1024

/** Compresses what is written, and gives what comes of it to `respond`. */
export interface Compressor {
  /** `done` is called when the chunk may be written over. */
  write (chunk: Uint8Array, done: (err?: Error | null) => void): void
  end (): void
  destroy (): void
}

/** Where compressed bytes go, what follows the last of them, and who hears of an error. */
export interface CompressorTarget {
  respond (bytes: Uint8Array): void
  end (): void
  fail (err: Error): void
}

/** Compresses in the thread pool, which leaves the event loop free. Each write takes a turn of it, the end one more. */
export class ThreadedGzip implements Compressor {
  readonly #stream: Gzip

  constructor ({ respond, end, fail }: CompressorTarget) {
    this.#stream = zlib.createGzip({ level: LEVEL, chunkSize: ROOM })
    this.#stream.on('data', respond)
    this.#stream.once('end', end)
    this.#stream.on('error', fail)
  }

  write (chunk: Uint8Array, done: (err?: Error | null) => void): void {
    this.#stream.write(chunk, done)
  }

  end (): void {
    this.#stream.end()
  }

  destroy (): void {
    this.#stream.destroy()
  }
}

/** RFC 1952: deflate, no name and no time, compressed fast, of an unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)

/** RFC 1951: a last block without anything in it. */
const LAST_BLOCK = Uint8Array.of(3, 0)

/**
 * Compresses within the slice, 1.6 ms for 1 MB: for a busy event loop, where a trip to the thread pool takes a turn, and
 * many where threads wait for a processor. Each write makes a part of one stream of deflate, which ends at a byte.
 */
export class InlineGzip implements Compressor {
  readonly #target: CompressorTarget
  #hasBegun = false
  #checksum = 0
  #length = 0

  constructor (target: CompressorTarget) {
    this.#target = target
  }

  write (chunk: Uint8Array, done: () => void): void {
    this.#checksum = zlib.crc32(chunk, this.#checksum)
    this.#length += chunk.length
    const compressed = zlib.deflateRawSync(chunk, { level: LEVEL, finishFlush: zlib.constants.Z_SYNC_FLUSH })
    this.#target.respond(this.#hasBegun ? compressed : Buffer.concat([HEADER, compressed]))
    this.#hasBegun = true
    done()
  }

  end (): void {
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(this.#checksum)
    trailer.writeUInt32LE(this.#length % 2 ** 32, 4)
    this.#target.respond(Buffer.concat([...(this.#hasBegun ? [] : [HEADER]), LAST_BLOCK, trailer]))
    this.#target.end()
  }

  destroy (): void {}
}

/**
 * A compressor for the work that the event loop has room for. `zlib` is Node's, which has the checksum for it from 20.15
 * and 22.2 on.
 */
export function compressorFor (work: Work, target: CompressorTarget, { crc32 }: { crc32?: unknown } = zlib): Compressor {
  return work === 'inline' && crc32 !== undefined ? new InlineGzip(target) : new ThreadedGzip(target)
}
