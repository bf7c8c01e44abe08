import type { FaultName } from './faults/index.js'
import type { RunningJob } from './job.js'
import type { Traffic } from './traffic.js'

/** A way in which a real service breaks, and the alerts that must fire. */
export interface Scenario {
  /** The job of the broken service. Its healthy twin has `-healthy` after the name. */
  readonly job: string
  /** What happens to the service, for the table. */
  readonly outage: string
  /** How the harness does it, for the table. */
  readonly how: string
  /** The alerts that must fire; empty for what must stay silent. Names are those of `alertTitle`. */
  readonly expected: readonly string[]
  /** Other alerts that may fire, each with the reason. */
  readonly allowed?: Readonly<Record<string, string>>
  /** Whether all expected alerts fire within about a minute, so that the integration tests include it. */
  readonly isShort: boolean
  /** The service of each instance. If there are fewer than instances, they repeat. */
  readonly services: readonly FaultName[]
  /** @default one for each of `services` */
  readonly instances?: number
  /** How many of the instances discovery finds at first. @default all */
  readonly discovered?: number
  /** The limit of file descriptors. */
  readonly maxFiles?: number
  /** Whether each instance is a process. Otherwise many services share one. @default false */
  readonly isIsolated?: boolean
  /** Clients of each instance, healthy ones included. @default 2 requests per second */
  readonly traffic?: readonly Traffic[]
  /**
   * How many times clients must get a response at least, by path and status. Without them, it could stay silent because
   * it did not happen.
   */
  readonly responses?: Readonly<Record<string, number>>
  /** Additional settings of the scrape job. */
  readonly scraping?: object
  /** What breaks it. @default all services break */
  readonly act?: (job: RunningJob, signal: AbortSignal) => Promise<void> | void
  /** Whether it stays silent itself, or the twin of another scenario is the same service. @default false */
  readonly hasNoTwin?: boolean
}

/** The job of the healthy twin. */
export const twinOf = (job: string): string => `${job}-healthy`
