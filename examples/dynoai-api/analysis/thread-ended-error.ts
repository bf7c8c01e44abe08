/** The thread of the analysis has ended unexpectedly, for example because it was out of memory. */
export class ThreadEndedError extends Error {
  /** Number of jobs that the thread had. */
  readonly jobs: number

  constructor (jobs: number, options: ErrorOptions) {
    super('The thread of the analysis has ended.', options)
    this.name = 'ThreadEndedError'
    this.jobs = jobs
  }
}
