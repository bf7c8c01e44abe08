import type { ServerResponse } from 'node:http'
import { streamOf } from '../http/http2.js'
import { onNextTurn } from '../util/native-timers.js'
import { unref } from '../util/unref.js'

/** How long a client may read nothing of a response, in milliseconds: Prometheus's default scrape timeout. */
export const STALLED_AFTER = 10_000

/** A socket with Node's private handle. */
interface SocketWithHandle {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** Detects that the client of a response has read nothing for `STALLED_AFTER`. */
export class StallDetector {
  readonly #response: ServerResponse
  readonly #onStalled: () => void
  #timer: NodeJS.Timeout | undefined
  #lastQueueSize = 0

  constructor (response: ServerResponse, onStalled: () => void) {
    this.#response = response
    this.#onStalled = onStalled
  }

  /** Starts the wait again, after progress or when there is something to send. */
  restart (): void {
    this.stop()
    this.#timer = setTimeout(() => { this.#check() }, STALLED_AFTER)
    unref(this.#timer)
    // Reads the queue size in the next turn, after the ticks in which Node writes as much as it can at once.
    onNextTurn(() => { this.#lastQueueSize = this.#queueSize }).unref()
  }

  stop (): void {
    clearTimeout(this.#timer)
  }

  // The callback of a large write is called only when the client has read all of it. A smaller queue of the operating
  // system shows that it has read a part.
  #check (): void {
    if (this.#queueSize === this.#lastQueueSize) this.#onStalled()
    else this.restart()
  }

  /** The bytes in the write queue. The property is private to Node, which detects by it whether a socket is idle. */
  get #queueSize (): number {
    // The queue of an HTTP/2 connection also contains bytes of other streams, and a queued response has no socket.
    if (streamOf(this.#response) !== undefined) return 0
    const socket = this.#response.socket as SocketWithHandle | null
    return socket?._handle?.writeQueueSize ?? 0
  }
}
