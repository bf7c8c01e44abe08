import { BusyError } from './errors.js'

/** The space of one upload. */
export interface UploadSpace {
  /** Passes the chunks of an upload on; throws at its end if there was no space left. */
  count (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** Gives the space back, when the file is deleted. */
  free (): void
}

/** Limits the bytes of all uploads on the disk. Unlike a limit of their number, slow clients do not use it up. */
export class DiskSpace {
  readonly #limit: number
  #used = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  /** Returns the space of a new upload. */
  open (): UploadSpace {
    let bytes = 0
    const take = (count: number): boolean => {
      if (this.#used + count > this.#limit) return false
      this.#used += count
      bytes += count
      return true
    }
    return {
      async * count (chunks) {
        let isFull = false
        for await (const chunk of chunks) {
          isFull ||= !take(chunk.length)
          // Read to the end, because some clients send the complete request before they read the response.
          if (!isFull) yield chunk
        }
        if (isFull) throw new BusyError('being received')
      },
      free: () => {
        this.#used -= bytes
        bytes = 0
      }
    }
  }
}
