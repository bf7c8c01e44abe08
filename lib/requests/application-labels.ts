import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, received } from '../errors.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import { toLabelValue, OVERFLOW } from '../series/label-value.js'
import type { OverflowReason } from '../series/series-family.js'
import type { RequestLabel } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/** Values of the application's own request labels, by name. */
export type ApplicationLabelValues = Readonly<Record<string, string>>

type NamedLabel = readonly [name: string, label: RequestLabel]

/** Those of a route that fixes none. */
export const NO_LABELS: ApplicationLabelValues = Object.freeze({})

/** What the application's own labels are made with. */
export interface ApplicationLabelsOptions {
  readonly labels: Readonly<Record<string, RequestLabel>>
  readonly maxSeries: number
  /** What mistakes and overflow are counted under. */
  readonly metric: string
  readonly metricErrors: MetricErrors
}

/** Evaluates the application's own request labels, and keeps the number of series that they make within its limit. */
export class ApplicationLabels {
  readonly names: readonly string[]
  /** What the labels of an overflow series say. */
  readonly overflowValues: readonly string[]
  readonly #labels: readonly NamedLabel[]
  readonly #metric: string
  readonly #metricErrors: MetricErrors
  /** What a request's values are written to; `null` while that is done. */
  #free: string[] | null = []
  #seriesLeft: number

  constructor ({ labels, maxSeries, metric, metricErrors }: ApplicationLabelsOptions) {
    this.names = Object.keys(labels)
    this.overflowValues = this.names.map(() => OVERFLOW)
    this.#labels = Object.entries(labels)
    this.#metric = metric
    this.#metricErrors = metricErrors
    this.#seriesLeft = maxSeries
  }

  /**
   * The values of a request that has ended, in the order of the names, until the next call; `null` when one is too
   * long. `fixed` holds what its route says, `reply` is null if none was seen.
   */
  valuesOf (request: FastifyRequest, reply: FastifyReply | null, fixed: ApplicationLabelValues): readonly string[] | null {
    // A label may answer another request, whose labels are then evaluated in between.
    const values = this.#free ?? []
    this.#free = null
    let areShort = true
    for (const [i, named] of this.#labels.entries()) {
      const [name] = named
      const own = Object.hasOwn(fixed, name)
        ? fixed[name]! // its own
        : reply === null ? '' : this.#evaluate(named, request, reply)
      if (own === null) {
        areShort = false
        break
      }
      values[i] = own
    }
    this.#free = values
    return areShort ? values : null
  }

  /** Takes a place for a series that is not the first of its method, path and status; `false` when none is left. */
  reserveSeries (): boolean {
    if (this.#seriesLeft === 0) return false
    this.#seriesLeft--
    return true
  }

  /** A request that was recorded in an overflow series. */
  overflow (reason: OverflowReason): void {
    this.#metricErrors.overflow(this.#metric, reason)
  }

  #evaluate ([name, label]: NamedLabel, request: FastifyRequest, reply: FastifyReply): string | null {
    try {
      const value: unknown = label(request, reply)
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return toLabelValue(value)
      // The mistake is that there is a promise at all.
      ignoreRejection(value)
      throw new errors.ERR_LABEL(name, 'a string, a number or a boolean', received(value))
    } catch (err) {
      this.#metricErrors.error(this.#metric, err, `the label '${name}' of a request failed, and the request was counted with '' for it`)
      return ''
    }
  }
}
