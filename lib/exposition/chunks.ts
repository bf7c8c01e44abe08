import { ByteWriter } from './byte-writer.js'
import { PART } from './clock.js'
import type { Clock } from './clock.js'

/**
 * How a sink should compress a chunk: within the slice, where the event loop is busy and a thread would take a turn for
 * it, or in a thread.
 */
export type Work = 'inline' | 'threaded'

/** Where an exposition goes. */
export interface Sink {
  /** Whether it compresses. */
  readonly compresses?: boolean
  /** Aborted when nobody wants more: what is under way then ends at once. */
  readonly signal: AbortSignal
  /** Takes a chunk, and resolves when it may be written over; rejects when nobody wants more. */
  write (chunk: Uint8Array, work: Work): Promise<void>
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
  readonly #clock: Clock
  /** The buffer that is not written. */
  #other: Buffer | undefined
  /** Resolves when the sink has taken the other buffer. */
  #taken: Promise<void> | null = null
  /** The bytes of the chunk that the sink has not taken. */
  #waiting = 0
  /** How many bytes of the chunk the clock knows. */
  #counted = 0

  constructor (sink: Sink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  /** Whether the chunk is to be handed on. It is larger on a busy event loop, where each may take a turn. */
  get isFull (): boolean {
    const { length } = this.writer
    this.#clock.did(length - this.#counted)
    this.#counted = length
    if (!this.#clock.isBusy) return length >= CHUNK
    // At once rather than step by step.
    if (length < PART) this.writer.reserve(LARGE - length)
    return length + this.#waiting >= MAX_WAITING || length >= this.#clock.part
  }

  /** Hands the chunk to the sink when that has taken the one before, and goes on in the other buffer. */
  async handOn (): Promise<void> {
    await this.#untilTaken()
    // A chunk in a thread takes a turn, on a busy event loop too.
    if (this.#sink.compresses === true && !this.#clock.isMeasured) await this.#clock.next()
    await this.#hand(this.#clock.isBusy ? 'inline' : 'threaded')
  }

  /** Hands on what is left, and waits until all is taken. */
  async finish (): Promise<void> {
    // It is small but where the event loop was busy until now, and a trip to a thread would take longer.
    if (this.writer.length > 0) {
      await this.#untilTaken()
      await this.#hand('inline')
    }
    await this.#taken
  }

  async #hand (work: Work): Promise<void> {
    this.#sink.signal.throwIfAborted()
    this.#waiting = this.writer.length
    const taken = this.#sink.write(this.writer.written, work).then(() => {
      this.#taken = null
      this.#waiting = 0
    })
    // One that fails stays, and is awaited when its buffer is needed.
    taken.catch(() => {})
    this.#taken = taken
    this.#other = this.writer.clear(this.#other ?? Buffer.allocUnsafeSlow(SMALL))
    this.#counted = 0
    if (this.#waiting > PART + CHUNK) await this.#untilTaken()
  }

  async #untilTaken (): Promise<void> {
    for (let tick = 0; tick < TICKS && this.#taken !== null; tick++) await nextTick()
    const taken = this.#taken
    if (taken === null) return
    await this.#clock.until(taken)
    await taken
  }
}
