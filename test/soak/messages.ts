/** How a worker is made to end. */
export type EndKind =
  /** By SIGKILL, at any time: also while it starts. */
  | 'kill'
  /** It calls `process.exit()`. */
  | 'exit'
  /** It closes its server, then exits. */
  | 'close'
  /** The same, after another worker has started. */
  | 'reload'

/** The state of a process that is never killed. */
export interface ResourceReport {
  /** Bytes in use after a garbage collection: the heap, and the memory of buffers. */
  readonly bytes: number
  readonly openFiles: number
  /** The numbers of active resources by type. */
  readonly resources: Readonly<Record<string, number>>
}

/** The settings of the primary. */
export interface PrimarySettings {
  /** Workers that are ended at random. One more is never ended. */
  readonly workers: number
  readonly seed: number
}

/** What the soak tells the primary. */
export type Command =
  /** End workers at random; the average time between two ends is in milliseconds. */
  | { readonly type: 'disturb', readonly pause: number }
  /** Ends no more workers. Responds with `calm` when as many run as at the start. */
  | { readonly type: 'calm' }
  /** Replaces all workers but the one that is never killed. Responds with `calm`. */
  | { readonly type: 'replace', readonly kind: EndKind }
  /** Requests a report of the worker that is never killed; with `isIdle` once it has no connection. */
  | { readonly type: 'report', readonly isIdle: boolean }

/** What the primary tells the soak. */
export type Notice =
  | { readonly type: 'ready', readonly origin: string }
  | { readonly type: 'ending', readonly worker: number }
  /** A worker has ended. Counts of requests that ended after `safeUntil` may be lost. */
  | { readonly type: 'ended', readonly worker: number, readonly kind: EndKind, readonly safeUntil: number }
  | { readonly type: 'calm' }
  | { readonly type: 'report', readonly report: ResourceReport }
  | { readonly type: 'fault', readonly message: string }

/** What a worker tells the primary. */
export type WorkerNotice =
  | { readonly type: 'beat', readonly at: number }
  | { readonly type: 'listening', readonly origin: string }
  | { readonly type: 'exiting', readonly at: number }
  | { readonly type: 'report', readonly report: ResourceReport }
  | { readonly type: 'fault', readonly message: string }

/** What the primary tells a worker. */
export type WorkerCommand =
  | { readonly type: 'exit' }
  | { readonly type: 'close' }
  | { readonly type: 'report', readonly isIdle: boolean }
