import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance } from './instance.js'
import type { Jetstream } from './jetstream.js'

/** The version that both instances have first, the one with the fault, and the one that repairs it. */
const VERSIONS = { first: '1.4.2', faulty: '1.5.0', repaired: '1.5.1' } as const

interface Parts {
  /** The second one is deployed. */
  readonly instances: readonly [Instance, Instance]
  readonly jetstream: Jetstream
}

interface Event {
  /** Seconds after the start of the shown time. */
  readonly at: number
  readonly what: string
  run (parts: Parts): unknown
}

/**
 * What happens in the shown time. The first version with a fault is deployed to one instance only. Its uploads fail
 * with a 5xx, and its event loop is blocked in bursts. The rules page almost three minutes later.
 */
const EVENTS: readonly Event[] = [
  { at: 30, what: 'Jetstream is down', run: ({ jetstream }) => jetstream.setDown(true) },
  { at: 75, what: 'Jetstream is up again', run: ({ jetstream }) => jetstream.setDown(false) },
  {
    at: 100,
    what: `a version with a fault is deployed, ${VERSIONS.faulty}`,
    run: ({ instances: [, second] }) => second.deploy(VERSIONS.faulty, { isFaulty: true })
  },
  {
    at: 290,
    what: `the fault is repaired by ${VERSIONS.repaired}`,
    run: ({ instances: [, second] }) => second.deploy(VERSIONS.repaired)
  }
]

/** Starts both instances. */
export const startInstances = (instances: Parts['instances']): Promise<unknown> =>
  Promise.all(instances.map(instance => instance.deploy(VERSIONS.first)))

/** Runs the incident. `startMs` is the start of the shown time. */
export async function runIncident (parts: Parts, startMs: number, signal: AbortSignal): Promise<void> {
  for (const { at, what, run } of EVENTS) {
    await sleep(startMs + 1000 * at - Date.now(), undefined, { signal })
    console.log(`After ${at} seconds ${what}.`)
    await run(parts)
  }
}
