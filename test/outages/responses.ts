import type { Scenario } from './scenario.js'

/** How many responses the clients of each job got. */
export class Responses {
  readonly #counts = new Map<string, number>()

  add (job: string, path: string, status: number): void {
    const key = `${job}: ${path} ${status}`
    this.#counts.set(key, this.#count(key) + 1)
  }

  /** Lists the responses that clients had to get and did not. */
  judge (scenarios: ReadonlyArray<Pick<Scenario, 'job' | 'responses'>>): string[] {
    return scenarios.flatMap(({ job, responses = {} }) => Object.entries(responses).flatMap(([response, min]) => {
      const key = `${job}: ${response}`
      const count = this.#count(key)
      return count < min ? [`${key} came ${count} times, not ${min}`] : []
    }))
  }

  #count (key: string): number {
    return this.#counts.get(key) ?? 0
  }
}
