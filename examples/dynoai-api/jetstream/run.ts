/** The states of a run on Jetstream, in their order; a run ends in `complete` or `error`. */
export const RUN_STATES = [
  'pending', 'downloading', 'converting', 'validating', 'processing', 'complete', 'error'
] as const

/** A state of a run; a label of `dynoai_jetstream_runs_total`. */
export type RunState = typeof RUN_STATES[number]

/** A run in the format of Jetstream's API. */
export interface JetstreamRun {
  readonly id: string
  readonly state: RunState
  readonly vehicle: string
  /** ISO 8601; changes with every state. */
  readonly updated_at: string
}

/** Returns whether a value has the shape of a run. */
export function isRun (value: unknown): value is JetstreamRun {
  const run: Partial<Record<keyof JetstreamRun, unknown>> = Object(value)
  return [run.id, run.vehicle, run.updated_at].every(text => typeof text === 'string') &&
    RUN_STATES.some(state => state === run.state)
}
