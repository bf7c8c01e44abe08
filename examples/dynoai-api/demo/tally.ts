/** An answer that the traffic got. */
export interface Answer {
  readonly method: string
  /** The route's template, as the metrics label it. */
  readonly route: string
  readonly status: number
}

/** What traffic sent and was answered, to compare with what the metrics say. */
export class Tally {
  /** Requests that were answered, by `METHOD route status`. */
  readonly answers = new Map<string, number>()
  /** Actions that ended because a request got no answer. */
  unanswered = 0
  /** Files sent. */
  files = 0
  /** Size of all files sent, in bytes. */
  fileBytes = 0
  /** Logs that were accepted for an analysis. */
  accepted = 0
  /** Tuning sessions that were started. */
  sessions = 0

  /** How many requests were answered. */
  get requests (): number {
    return [...this.answers.values()].reduce((total, count) => total + count, 0)
  }

  /** Counts an answer. */
  add ({ method, route, status }: Answer): void {
    const key = `${method} ${route} ${status}`
    this.answers.set(key, (this.answers.get(key) ?? 0) + 1)
  }
}
