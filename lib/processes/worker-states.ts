import { join } from 'node:path'
import type { ValuesMetric } from '../registry/plugin-metric.js'
import { lastWrite } from './last-write.js'
import type { Slot } from './slots.js'

/** After how many intervals without a write a process counts as stale. */
const STALE_INTERVALS = 3

const STATES = ['live', 'stale', 'gone'] as const

type State = typeof STATES[number]

export type WorkerStates = Readonly<Record<State, number>>

/** The states of all processes before the first scrape: only this one is known. */
export const ALONE: WorkerStates = { live: 1, stale: 0, gone: 0 }

export interface WorkerStatesOptions {
  readonly directory: string
  /** The slot of this process, which counts as live. */
  readonly ownSlot: number
  /** The interval of processes that do not say theirs, in milliseconds. */
  readonly interval: number
  /** The time in milliseconds since 1970. */
  readonly now: number
}

/** Counts processes by their state. Pauses after each slot. */
export function * countStates (slots: readonly Slot[], options: WorkerStatesOptions): Generator<void, WorkerStates> {
  const counts = { live: 0, stale: 0, gone: 0 }
  for (const slot of slots) {
    counts[stateOf(slot, options)]++
    yield
  }
  return counts
}

function stateOf (
  { slot, isOwned, owner, files }: Slot, { directory, ownSlot, interval, now }: WorkerStatesOptions
): State {
  if (slot === ownSlot) return 'live'
  if (!isOwned) return 'gone'
  const writes = [...files.owner, ...files.values].map(({ name }) => lastWrite(join(directory, name)))
  // A file that was replaced meanwhile is a sign, too: its time is `Infinity`.
  return now - Math.max(...writes) <= STALE_INTERVALS * (owner?.interval ?? interval) ? 'live' : 'stale'
}

/** `metrics_workers`, of which each process has its own values: they are not merged. */
export function workersMetric (namePrefix: string, states: () => WorkerStates): ValuesMetric {
  return {
    name: `${namePrefix}metrics_workers`,
    help: 'Processes that share this endpoint, by state: live, stale without a sign, or gone',
    type: 'gauge',
    labelNames: ['state'],
    aggregator: 'omit',
    values: () => STATES.map(state => ({ labels: { state }, value: states()[state] }))
  }
}
