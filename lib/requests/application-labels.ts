import type { FastifyReply, FastifyRequest } from 'fastify'
import { OVERFLOW } from '../business/series.js'
import { errors, received } from '../errors.js'
import { ignoreRejection } from '../ignore-rejection.js'
import type { Mistakes } from '../mistakes.js'
import type { RequestLabel } from '../types.js'

/** One combination of values of the application's own request labels; equal values are one object. */
export type LabelCombination = Readonly<Record<string, string>>

interface Branch {
  readonly byValue: Map<string, Branch>
  /** Set on the branch of the last label. */
  combination?: LabelCombination
}

/** The combination when the application has no labels of its own. */
export const NO_LABELS: LabelCombination = Object.freeze({})

/** Evaluates the application's own request labels, and keeps the number of their combinations within its limit. */
export class ApplicationLabels {
  readonly names: readonly string[]
  readonly #labels: ReadonlyArray<readonly [name: string, label: RequestLabel]>
  readonly #maxCombinations: number
  readonly #metric: string
  readonly #mistakes: Mistakes
  readonly #overflow: LabelCombination
  // A tree by value, so that finding a combination builds no key.
  readonly #root: Branch = { byValue: new Map() }
  readonly #values: string[] = []
  #combinations = 0

  /** Mistakes and overflow are counted under the name of `metric`. */
  constructor (labels: Readonly<Record<string, RequestLabel>>, maxCombinations: number, metric: string, mistakes: Mistakes) {
    this.names = Object.keys(labels)
    this.#labels = Object.entries(labels)
    this.#maxCombinations = maxCombinations
    this.#metric = metric
    this.#mistakes = mistakes
    this.#overflow = Object.freeze(Object.fromEntries(this.names.map(name => [name, OVERFLOW])))
  }

  /** The combination of a request that has ended; `fixed` holds what its route says, `reply` is null if none was seen. */
  combinationOf (request: FastifyRequest, reply: FastifyReply | null, fixed: LabelCombination): LabelCombination {
    if (this.#labels.length === 0) return NO_LABELS
    const values = this.#values
    let branch: Branch | undefined = this.#root
    let i = 0
    for (const [name, label] of this.#labels) {
      const value = Object.hasOwn(fixed, name) ? fixed[name]! : reply === null ? '' : this.#evaluate(name, label, request, reply) // its own
      values[i++] = value
      branch = branch?.byValue.get(value)
    }
    return branch?.combination ?? this.#admit(values)
  }

  #evaluate (name: string, label: RequestLabel, request: FastifyRequest, reply: FastifyReply): string {
    try {
      const value: unknown = label(request, reply)
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
      // The mistake is that there is a promise at all.
      ignoreRejection(value)
      throw new errors.ERR_LABEL(name, 'a string, a number or a boolean', received(value))
    } catch (err) {
      this.#mistakes.error(this.#metric, err, `the label '${name}' of a request failed, and the request was counted with '' for it`)
      return ''
    }
  }

  #admit (values: readonly string[]): LabelCombination {
    if (this.#combinations >= this.#maxCombinations) {
      this.#mistakes.overflow(this.#metric)
      return this.#overflow
    }
    this.#combinations++
    let branch = this.#root
    for (const value of values) {
      let next = branch.byValue.get(value)
      if (next === undefined) {
        next = { byValue: new Map() }
        branch.byValue.set(value, next)
      }
      branch = next
    }
    branch.combination = Object.freeze(Object.fromEntries(this.names.map((name, i) => [name, values[i]!]))) // as many as names
    return branch.combination
  }
}
