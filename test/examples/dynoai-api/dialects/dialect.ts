import type { Cylinder } from './truth.js'
import type { LogStyle } from './write-log.js'

/** A way to write a log, and what the service gives for it. */
export interface Dialect {
  /** For the table in the README of the example. */
  readonly name: string
  readonly style: LogStyle
  /** The cylinders that are corrected, and how columns are understood, if that is not obvious; or a refusal. */
  readonly gives:
    | { readonly cylinders: readonly Cylinder[], readonly note?: string, readonly log?: object }
    | { readonly status: 400 | 422, readonly error: RegExp, readonly note: string }
}

/** Corrections of both cylinders, each with its sensor. */
export const BOTH = { cylinders: ['front', 'rear'] } as const
/** Corrections of both cylinders with one sensor. */
export const ONE_SENSOR = { cylinders: ['both'] } as const
