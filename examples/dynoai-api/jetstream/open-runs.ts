import { RUN_STATES, type RunState } from './run.js'
import type { StoredRun } from './run-store.js'

/** The states of runs that are not analysed yet. A run that ended in `error` has no log. */
const OPEN_STATES = RUN_STATES.filter(state => state !== 'error')

const countIn = (state: RunState, runs: readonly StoredRun[]): number =>
  runs.filter(run => run.state === state && run.analysis === 'waiting').length

/**
 * Defines a metric of the example's own: how many runs are in each state. The counter of transitions does not tell it,
 * because it begins with the process, and a run can be first seen in any state.
 */
export const openRuns = (list: () => readonly StoredRun[]) => ({
  jetstreamOpenRuns: {
    type: 'gauge',
    help: 'Runs on Jetstream whose log is not analysed yet, by state',
    labels: { state: OPEN_STATES },
    // Each process polls all runs, so a sum would count a run several times.
    aggregator: 'max',
    collect: () => OPEN_STATES.map(state => ({ labels: { state }, value: countIn(state, list()) }))
  }
} as const)
