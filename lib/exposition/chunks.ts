import { ByteWriter } from './byte-writer.js'
import { BUSY_SLICE_BYTES } from './scheduler.js'
import type { Scheduler } from './scheduler.js'

/**
 * How a sink should compress a chunk: within the slice, where the event loop is busy and a thread would take a turn for
 * it, or in a thread.
 */
export type CompressionMode = 'inline' | 'threaded'

/** Where an exposition goes. */
export interface Sink {
  /** Whether it compresses. */
  readonly isCompressing?: boolean
  /** Aborted when nobody wants more: what is under way then ends at once. */
  readonly signal: AbortSignal
  /** Takes a chunk, and resolves when it may be written over; rejects when nobody wants more. */
  write (chunk: Uint8Array, mode: CompressionMode): Promise<void>
}

/** Bytes of a chunk on a free event loop, about; what the socket and gzip take at once. */
const CHUNK_BYTES = 64 * 1024

/** Bytes that may wait for the reader, about, in both buffers. */
const MAX_WAITING_BYTES = 2 * BUSY_SLICE_BYTES

/** What a buffer holds: a chunk, and what is written until a renderer pauses. */
const SMALL_BUFFER = 2 * CHUNK_BYTES
const LARGE_BUFFER = BUSY_SLICE_BYTES + CHUNK_BYTES

/** How often the callbacks of a tick run until a response has told that it took a chunk at once. */
const MAX_TICKS = 4

const nextTick = async (): Promise<void> => { await new Promise<void>(resolve => { process.nextTick(resolve) }) }

/**
 * The chunks of one exposition. There are two buffers: one is written while the sink reads the other. So no more than
 * two chunks wait for a slow reader.
 */
export class Chunks {
  readonly writer = new ByteWriter(SMALL_BUFFER)
  readonly #sink: Sink
  readonly #scheduler: Scheduler
  /** The buffer that is not written. */
  #spareBuffer: Buffer | undefined
  /** Resolves when the sink has taken the other buffer. */
  #consumed: Promise<void> | null = null
  /** The bytes of the chunk that the sink has not taken. */
  #waitingBytes = 0
  /** How many bytes of the chunk the clock knows. */
  #accountedBytes = 0

  constructor (sink: Sink, scheduler: Scheduler) {
    this.#sink = sink
    this.#scheduler = scheduler
  }

  /** Whether the chunk is to be handed on. It is larger on a busy event loop, where each may take a turn. */
  get isFull (): boolean {
    const { length } = this.writer
    this.#scheduler.addWork(length - this.#accountedBytes)
    this.#accountedBytes = length
    if (!this.#scheduler.isBusy) return length >= CHUNK_BYTES
    // At once rather than step by step.
    if (length < BUSY_SLICE_BYTES) this.writer.reserve(LARGE_BUFFER - length)
    return length + this.#waitingBytes >= MAX_WAITING_BYTES || length >= this.#scheduler.busyChunkSize
  }

  /** Hands the chunk to the sink when that has taken the one before, and goes on in the other buffer. */
  async flush (): Promise<void> {
    await this.#waitUntilConsumed()
    // A chunk in a thread takes a turn, on a busy event loop too.
    if (this.#sink.isCompressing === true && !this.#scheduler.isMeasured) await this.#scheduler.yieldTurn()
    await this.#send(this.#scheduler.isBusy ? 'inline' : 'threaded')
  }

  /** Hands on what is left, and waits until all is taken. */
  async finish (): Promise<void> {
    // It is small but where the event loop was busy until now, and a trip to a thread would take longer.
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
    // One that fails stays, and is awaited when its buffer is needed.
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
