import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, received } from '../errors.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import { OVERFLOW, toLabelValue } from '../series/label-value.js'
import type { OverflowReason } from '../series/family-options.js'
import type { RequestLabel } from '../types/index.js'
import { ignoreRejection } from '../util/ignore-rejection.js'

/** Values of application labels, by label name. */
export type ApplicationLabelValues = Readonly<Record<string, string>>

type NamedLabel = readonly [name: string, label: RequestLabel]

/** The values of a route that sets none in `config.metrics.labels`. */
export const NO_LABELS: ApplicationLabelValues = Object.freeze({})

export interface ApplicationLabelsOptions {
  readonly labels: Readonly<Record<string, RequestLabel>>
  readonly maxSeries: number
  /** The metric that metric errors and overflow are counted for. */
  readonly metric: string
  readonly metricErrors: MetricErrors
}

/** Evaluates the application labels of requests, and limits the number of series that they add. */
export class ApplicationLabels {
  readonly names: readonly string[]
  /** The values of the application labels of an overflow series. */
  readonly overflowValues: readonly string[]
  readonly #labels: readonly NamedLabel[]
  readonly #metric: string
  readonly #metricErrors: MetricErrors
  /** The reused array for the values of a request; `null` while it is in use. */
  #buffer: string[] | null = []
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
   * Returns the values for a request that has ended, in the order of the names; `null` if one of them is too long. The
   * array is valid until the next call. `routeValues` are the values that the route sets. `reply` is `null` if no hook
   * of this plugin has received it.
   */
  valuesOf (
    request: FastifyRequest, reply: FastifyReply | null, routeValues: ApplicationLabelValues
  ): readonly string[] | null {
    // A label function may send the response to another request, whose labels are then evaluated during this call.
    const values = this.#buffer ?? []
    this.#buffer = null
    let isTooLong = false
    for (const [i, label] of this.#labels.entries()) {
      const [name] = label
      const value = Object.hasOwn(routeValues, name)
        ? routeValues[name]! // checked above
        : reply === null ? '' : this.#evaluate(label, request, reply)
      if (value === null) {
        isTooLong = true
        break
      }
      values[i] = value
    }
    this.#buffer = values
    return isTooLong ? null : values
  }

  /**
   * Reserves one of `maxSeries` slots, for a series that is not the first of its method, path and status. Returns
   * `false` if none is left.
   */
  reserveSeries (): boolean {
    if (this.#seriesLeft === 0) return false
    this.#seriesLeft--
    return true
  }

  /** Counts a request that was recorded in an overflow series. */
  countOverflow (reason: OverflowReason): void {
    this.#metricErrors.countOverflow(this.#metric, reason)
  }

  #evaluate ([name, label]: NamedLabel, request: FastifyRequest, reply: FastifyReply): string | null {
    try {
      const value: unknown = label(request, reply)
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        return toLabelValue(value)
      }
      // A promise is itself the metric error, so it does not matter how it settles.
      ignoreRejection(value)
      throw new errors.ERR_LABEL(name, 'a string, a number or a boolean', received(value))
    } catch (err) {
      const consequence = `the label '${name}' of a request failed, and the request was counted with '' for it`
      this.#metricErrors.countError(this.#metric, err, consequence)
      return ''
    }
  }
}
