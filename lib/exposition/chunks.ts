import { ByteWriter } from './byte-writer.js'
import { BUSY_SLICE_BYTES } from './scheduler.js'
import type { Scheduler } from './scheduler.js'

/**
 * How a sink should compress a chunk: within the slice or in the thread pool. A trip to the thread pool takes a turn of
 * the event loop, so on a busy event loop 'inline' is faster.
 */
export type CompressionMode = 'inline' | 'threaded'

/** Receives the chunks of an exposition. */
export interface Sink {
  /** Whether it compresses. @default false */
  readonly isCompressing?: boolean
  /** Aborted when the rest of the exposition is not needed. The exposition then stops at once. */
  readonly signal: AbortSignal
  /** Accepts a chunk. Resolves when the chunk may be overwritten; rejects when the exposition should stop. */
  write (chunk: Uint8Array, mode: CompressionMode): Promise<void>
}

/** The approximate size of a chunk on a free event loop, in bytes: what the socket and gzip accept at once. */
const CHUNK_BYTES = 64 * 1024

/** The approximate limit of bytes that wait for the reader, in both buffers together. */
const MAX_WAITING_BYTES = 2 * BUSY_SLICE_BYTES

/** The capacities of a buffer. It must contain a chunk and what an encoder writes until its next pause. */
const SMALL_BUFFER = 2 * CHUNK_BYTES
const LARGE_BUFFER = BUSY_SLICE_BYTES + CHUNK_BYTES

/** How many ticks to wait before a turn: a response reports a chunk that it accepted at once within these. */
const MAX_TICKS = 4

const nextTick = async (): Promise<void> => { await new Promise<void>(resolve => { process.nextTick(resolve) }) }

/**
 * The chunks of one exposition. There are two buffers: the encoder writes one while the sink reads the other. So no
 * more than two chunks wait for a slow reader.
 */
export class Chunks {
  readonly writer = new ByteWriter(SMALL_BUFFER)
  readonly #sink: Sink
  readonly #scheduler: Scheduler
  /** The buffer that the encoder does not write. */
  #spareBuffer: Buffer | undefined
  /** Resolves when the sink has consumed the spare buffer; `null` when it has. */
  #consumed: Promise<void> | null = null
  /** The bytes that the sink has not consumed. */
  #waitingBytes = 0
  /** How many bytes of the current chunk the scheduler has counted as work. */
  #accountedBytes = 0

  constructor (sink: Sink, scheduler: Scheduler) {
    this.#sink = sink
    this.#scheduler = scheduler
  }

  /** Whether to flush the chunk. Chunks are larger on a busy event loop, where each may cost a turn. */
  get isFull (): boolean {
    const { length } = this.writer
    this.#scheduler.addWork(length - this.#accountedBytes)
    this.#accountedBytes = length
    if (!this.#scheduler.isBusy) return length >= CHUNK_BYTES
    // Grows the buffer once instead of step by step.
    if (length < BUSY_SLICE_BYTES) this.writer.reserve(LARGE_BUFFER - length)
    return length + this.#waitingBytes >= MAX_WAITING_BYTES || length >= this.#scheduler.busyChunkSize
  }

  /** Passes the chunk to the sink, after the sink has consumed the previous one, and switches to the other buffer. */
  async flush (): Promise<void> {
    await this.#waitUntilConsumed()
    // Compressing in a thread takes a turn, so find out first whether the event loop is busy.
    if (this.#sink.isCompressing === true && !this.#scheduler.isMeasured) await this.#scheduler.yieldTurn()
    await this.#send(this.#scheduler.isBusy ? 'inline' : 'threaded')
  }

  /** Passes the last chunk to the sink, and waits until the sink has consumed all. */
  async finish (): Promise<void> {
    // Inline: the last chunk is large only if the event loop was busy until now, and a thread would take longer.
    if (this.writer.length > 0) {
      await this.#waitUntilConsumed()
      await this.#send('inline')
    }
    await this.#consumed
  }

  async #send (mode: CompressionMode): Promise<void> {
    this.#sink.signal.throwIfAborted()
    this.#waitingBytes = this.writer.length
    const consumed = this.#sink.write(this.writer.written, mode).then(() => {
      this.#consumed = null
      this.#waitingBytes = 0
    })
    // A failed promise stays in `#consumed`. It is awaited, and rejects, when the spare buffer is needed.
    consumed.catch(() => {})
    this.#consumed = consumed
    this.#spareBuffer = this.writer.clear(this.#spareBuffer ?? Buffer.allocUnsafeSlow(SMALL_BUFFER))
    this.#accountedBytes = 0
    if (this.#waitingBytes > BUSY_SLICE_BYTES + CHUNK_BYTES) await this.#waitUntilConsumed()
  }

  async #waitUntilConsumed (): Promise<void> {
    for (let tick = 0; tick < MAX_TICKS && this.#consumed !== null; tick++) await nextTick()
    const consumed = this.#consumed
    if (consumed === null) return
    await this.#scheduler.waitFor(consumed)
    await consumed
  }
}
