/** A response that a virtual user received. */
export interface CountedResponse {
  readonly method: string
  /** The route's template, as in the label of the metrics. */
  readonly route: string
  readonly status: number
}

/** Counts of requests and responses from the client's side, to compare with the metrics of the service. */
export class Tally {
  /** Number of responses by `METHOD route status`. */
  readonly responses = new Map<string, number>()
  /** Number of actions that ended because a request got no response. */
  failedActions = 0
  /** Number of files sent. */
  files = 0
  /** Size of all files sent, in bytes. */
  fileBytes = 0
  /** Number of logs that were accepted for analysis. */
  acceptedLogs = 0
  /** Number of tuning sessions that were started. */
  sessions = 0

  /** Number of requests that got a response. */
  get requests (): number {
    return [...this.responses.values()].reduce((total, count) => total + count, 0)
  }

  /** Counts a response. */
  add ({ method, route, status }: CountedResponse): void {
    const key = `${method} ${route} ${status}`
    this.responses.set(key, (this.responses.get(key) ?? 0) + 1)
  }
}
