/** A quantity that must not grow for long. */
export interface Limit {
  readonly name: string
  /** By how much the last third of the values may exceed the second, at most this share and this amount more. */
  readonly share: number
  readonly amount: number
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Values of a quantity in the course of a run. */
export class Growth {
  readonly #limit: Limit
  readonly #values: number[] = []

  constructor (limit: Limit) {
    this.#limit = limit
  }

  add (value: number): void {
    this.#values.push(value)
  }

  get highest (): number {
    return Math.max(...this.#values)
  }

  /** The medians of the thirds of the values. */
  get thirds (): number[] {
    const length = this.#values.length / 3
    const bounds = [0, 1, 2, 3].map(third => Math.floor(third * length))
    return [0, 1, 2].map(third => median(this.#values.slice(bounds[third], bounds[third + 1])))
  }

  /** What is wrong, if the last third is much higher than the second one. The first third is the warm-up. */
  get fault (): string[] {
    const { name, share, amount } = this.#limit
    const [, second = 0, last = 0] = this.thirds
    return last <= second * (1 + share) + amount ? [] : [`${name} grew from ${second} to ${last}`]
  }

  get summary (): string {
    return `${this.#limit.name}: ${this.thirds.join(', ')}`
  }
}
