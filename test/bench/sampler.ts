import { startChild } from './child.js'

/** The CPU time that an idle process takes, as a share of one core. */
export interface IdleCost {
  readonly share: number
}

/** An idle process with the sampler of the event-loop delay and one without, measured for so many seconds at a time. */
export async function startIdle (sampler: 'with' | 'without', seconds: number) {
  return await startChild<object, IdleCost>('sampler-process.js', [sampler, seconds], [])
}
