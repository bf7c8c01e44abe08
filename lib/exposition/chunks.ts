import { ByteWriter } from './byte-writer.js'
import { PART } from './scheduler.js'
import type { Scheduler } from './scheduler.js'

/**
 * How a sink should compress a chunk: within the slice, where the event loop is busy and a thread would take a turn for
 * it, or in a thread.
 */
export type CompressionMode = 'inline' | 'threaded'

/** Where an exposition goes. */
export interface Sink {
  /** Whether it compresses. */
  readonly compresses?: boolean
  /** Aborted when nobody wants more: what is under way then ends at once. */
  readonly signal: AbortSignal
  /** Takes a chunk, and resolves when it may be written over; rejects when nobody wants more. */
  write (chunk: Uint8Array, mode: CompressionMode): Promise<void>
}

/** Bytes of a chunk on a free event loop, about; what the socket and gzip take at once. */
const CHUNK = 64 * 1024

/** Bytes that may wait for the reader, about, in both buffers. */
const MAX_WAITING = 2 * PART

/** What a buffer holds: a chunk, and what is written until a renderer pauses. */
const SMALL = 2 * CHUNK
const LARGE = PART + CHUNK

/** How often the callbacks of a tick run until a response has told that it took a chunk at once. */
const TICKS = 4

const nextTick = async (): Promise<void> => { await new Promise<void>(resolve => { process.nextTick(resolve) }) }

/**
 * The chunks of one exposition. There are two buffers: one is written while the sink reads the other. So no more than
 * two chunks wait for a slow reader.
 */
export class Chunks {
  readonly writer = new ByteWriter(SMALL)
  readonly #sink: Sink
  readonly #scheduler: Scheduler
  /** The buffer that is not written. */
  #other: Buffer | undefined
  /** Resolves when the sink has taken the other buffer. */
  #consumed: Promise<void> | null = null
  /** The bytes of the chunk that the sink has not taken. */
  #waiting = 0
  /** How many bytes of the chunk the clock knows. */
  #accounted = 0

  constructor (sink: Sink, scheduler: Scheduler) {
    this.#sink = sink
    this.#scheduler = scheduler
  }

  /** Whether the chunk is to be handed on. It is larger on a busy event loop, where each may take a turn. */
  get isFull (): boolean {
    const { length } = this.writer
    this.#scheduler.addWork(length - this.#accounted)
    this.#accounted = length
    if (!this.#scheduler.isBusy) return length >= CHUNK
    // At once rather than step by step.
    if (length < PART) this.writer.reserve(LARGE - length)
    return length + this.#waiting >= MAX_WAITING || length >= this.#scheduler.part
  }

  /** Hands the chunk to the sink when that has taken the one before, and goes on in the other buffer. */
  async flush (): Promise<void> {
    await this.#untilConsumed()
    // A chunk in a thread takes a turn, on a busy event loop too.
    if (this.#sink.compresses === true && !this.#scheduler.isMeasured) await this.#scheduler.next()
    await this.#send(this.#scheduler.isBusy ? 'inline' : 'threaded')
  }

  /** Hands on what is left, and waits until all is taken. */
  async finish (): Promise<void> {
    // It is small but where the event loop was busy until now, and a trip to a thread would take longer.
    if (this.writer.length > 0) {
      await this.#untilConsumed()
      await this.#send('inline')
    }
    await this.#consumed
  }

  async #send (mode: CompressionMode): Promise<void> {
    this.#sink.signal.throwIfAborted()
    this.#waiting = this.writer.length
    const consumed = this.#sink.write(this.writer.written, mode).then(() => {
      this.#consumed = null
      this.#waiting = 0
    })
    // One that fails stays, and is awaited when its buffer is needed.
    consumed.catch(() => {})
    this.#consumed = consumed
    this.#other = this.writer.clear(this.#other ?? Buffer.allocUnsafeSlow(SMALL))
    this.#accounted = 0
    if (this.#waiting > PART + CHUNK) await this.#untilConsumed()
  }

  async #untilConsumed (): Promise<void> {
    for (let tick = 0; tick < TICKS && this.#consumed !== null; tick++) await nextTick()
    const consumed = this.#consumed
    if (consumed === null) return
    await this.#scheduler.until(consumed)
    await consumed
  }
}
