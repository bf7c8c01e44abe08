import cluster from 'node:cluster'
import { now, repeat, stopRepeating } from '../util/native-timers.js'
import { onExit } from '../util/on-exit.js'
import { claimDirectory, conflictError, unclaimDirectory } from './claimed-directories.js'
import type { Claim } from './claimed-directories.js'
import type { Member } from './member.js'

/** How long after the last hook of `close()` requests that are in progress are waited for, in milliseconds. */
const MAX_DRAINING = 30_000

/** A Fastify instance. */
export interface Application {
  addHook (name: 'onReady' | 'onClose', hook: () => Promise<void>): unknown
  /** Settles when all hooks have ended. */
  close (): Promise<unknown>
}

export interface SharingOptions {
  readonly directory: string
  /** The time between two writes, in milliseconds. */
  readonly interval: number
  readonly member: Member
  /** Whether requests are in progress, which are counted when they end. */
  readonly isBusy: () => boolean
  /** The time in milliseconds of a clock that does not go back. @default performance.now */
  readonly time?: (() => number) | undefined
}

/** When this process writes its metrics: from the start of its application until all that it counts is written. */
export class Sharing implements Claim {
  /** Until the application is ready, and from when it is closed. */
  isYielding = true
  readonly #options: SharingOptions
  /** What ends the sharing; empty before it begins and after it has ended. */
  #cleanups: ReadonlyArray<() => void> = []
  /** When the sharing of a closed application ends at the latest. */
  #endsAt: number | null = null

  constructor (options: SharingOptions) {
    this.#options = options
  }

  /**
   * Begins to share, until the application is closed and its requests have ended, or the process exits.
   * @throws DYNOAI_METRICS_ERR_OPTION if another instance uses the directory
   */
  shareWith (application: Application): void {
    this.start()
    application.addHook('onReady', async () => { this.keep() })
    application.addHook('onClose', async () => {
      await this.close()
      const drain = (): void => { this.drain() }
      // It settles after all other hooks of `onClose`, which may count something.
      application.close().then(drain, drain)
    })
  }

  start (): void {
    const { directory, interval, member } = this.#options
    claimDirectory(directory, this)
    const write = (): void => { member.writeOwned() }
    const timer = repeat(() => { this.update() }, interval)
    const { worker } = cluster
    worker?.on('disconnect', write)
    this.#cleanups = [
      () => { unclaimDirectory(directory, this) },
      onExit(() => { this.end() }),
      () => { stopRepeating(timer) },
      () => { worker?.off('disconnect', write) }
    ]
    member.update()
  }

  /**
   * Keeps the directory for this instance, whose application is ready.
   * @throws DYNOAI_METRICS_ERR_OPTION if another instance has taken it over
   */
  keep (): void {
    if (this.#cleanups.length === 0) throw conflictError(this.#options.directory)
    this.isYielding = false
  }

  /** Called in each interval. */
  update (): void {
    const { member } = this.#options
    if (this.#endsAt === null) member.update()
    else if (this.#isDrained(this.#endsAt)) this.end()
    else member.writeOwned()
  }

  /** Writes all counts. Later ones are still written. */
  async close (): Promise<void> {
    this.isYielding = true
    await this.#options.member.close()
  }

  /** Ends the sharing when all requests have ended. Called when the application is closed. */
  drain (): void {
    this.#endsAt = this.#now + MAX_DRAINING
    if (this.#isDrained(this.#endsAt)) this.end()
  }

  /** Writes the last counts, and ends the sharing at once. */
  end (): void {
    if (this.#cleanups.length === 0) return
    for (const cleanUp of this.#cleanups) cleanUp()
    this.#cleanups = []
    this.#options.member.end()
  }

  get #now (): number {
    const { time = now } = this.#options
    return time()
  }

  #isDrained (endsAt: number): boolean {
    return !this.#options.isBusy() || this.#now >= endsAt
  }
}
