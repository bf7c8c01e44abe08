import { setTimeout as delay } from 'node:timers/promises'
import type { Scenario } from '../scenario.js'

type Act = NonNullable<Scenario['act']>

/** Kills the first instances; all by default. */
export const kill = (count?: number): Act => async ({ instances }) => {
  await Promise.all(instances.slice(0, count).map(({ process }) => process.kill()))
}

/** Stops the last process. */
export const stopLast: Act = ({ instances }) => { instances.at(-1)?.process.stop() }

/** Kills the process again and again, and starts it again at once. */
export const killEvery = (milliseconds: number): Act => async ({ instances }, signal) => {
  while (!signal.aborted) {
    const next = delay(milliseconds, undefined, { signal }).catch(() => {})
    await Promise.all(instances.map(({ process }) => process.restart()))
    await next
  }
}

/** Starts the next version, which is broken. */
export const deployBroken: Act = async ({ instances }) => {
  await Promise.all(instances.map(({ process }) => process.restart({ isBroken: true })))
}

/** Removes the first instances from discovery. They still run. */
export const hide = (count: number): Act => async job => await job.setTargets(job.targets.slice(count))

/** Breaks the first instances. */
export const breakFirst = (count: number): Act => job => { job.break(count) }

/** Prometheus reads a changed list of targets after 5 s at most. */
const DISCOVERY = 6000

/**
 * Replaces the first half of the instances by the second, one after another, each at another address. The old one is
 * killed when discovery has dropped it.
 */
export const deployRolling: Act = async (job, signal) => {
  const half = job.instances.length / 2
  for (let replaced = 1; replaced <= half && !signal.aborted; replaced++) {
    await job.setTargets(job.targets.slice(replaced, replaced + half))
    await delay(DISCOVERY, undefined, { signal }).catch(() => {})
    await job.instances[replaced - 1]?.process.kill()
  }
}
