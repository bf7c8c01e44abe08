import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastWrite } from './last-write.js'
import { localSystem } from './system.js'

/** What a file says of a scrape: that it has shown everything, or only that some metrics were requested. */
export type ScrapedFileName = 'scraped' | 'requested'

/**
 * A file that tells all processes when one of them was last scraped: its time of modification is when the latest
 * completed scrape began to read.
 */
export class ScrapedFile {
  readonly #path: string

  constructor (directory: string, name: ScrapedFileName) {
    this.#path = join(directory, name)
  }

  /** When a scrape that has completed began, in milliseconds since 1970; `Infinity` if none has. */
  get latest (): number {
    return lastWrite(this.#path)
  }

  /**
   * Notes that a scrape that began at this time has completed.
   * @throws an error of the operating system
   */
  note (startedAt: number): void {
    const { latest } = this
    if (latest === Infinity) writeFileSync(this.#path, '', { mode: 0o600 })
    // A time in the future is that of a clock that was set back since.
    else if (latest >= startedAt && latest <= localSystem.now()) return
    utimesSync(this.#path, startedAt / 1000, startedAt / 1000)
  }
}
