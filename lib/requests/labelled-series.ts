import type { HistogramFamily } from '../series/histogram-family.js'
import { NONE } from '../series/label-values.js'
import type { ApplicationLabels } from './application-labels.js'
import { statusLabel } from './labels.js'
import type { ApplicationLabelSeries, MethodSeries } from './measured-route.js'

export interface LabelledSeriesOptions {
  readonly durations: HistogramFamily
  readonly labels: ApplicationLabels
  readonly groupStatus: boolean
}

/** Finds the series of the durations with application labels, and adds them within their limit. */
export class LabelledSeries {
  readonly #durations: HistogramFamily
  readonly #labels: ApplicationLabels
  readonly #groupStatus: boolean

  constructor ({ durations, labels, groupStatus }: LabelledSeriesOptions) {
    this.#durations = durations
    this.#labels = labels
    this.#groupStatus = groupStatus
  }

  /**
   * Returns the index of the series for a status code and the values of the application labels. `applicationValues` is
   * `null` if one of them is too long.
   */
  indexOf (method: MethodSeries, code: number, applicationValues: readonly string[] | null): number {
    const series = method.labelledByStatus.get(code) ?? this.#addStatus(method, code)
    const index = applicationValues === null ? NONE : this.#find(series, applicationValues)
    return index === NONE ? this.#add(series, applicationValues) : index
  }

  #find ({ values }: ApplicationLabelSeries, applicationValues: readonly string[]): number {
    const offset = values.length - applicationValues.length
    for (let i = 0; i < applicationValues.length; i++) values[offset + i] = applicationValues[i]! // within its length
    return this.#durations.table.findByValues(values)
  }

  #add (series: ApplicationLabelSeries, applicationValues: readonly string[] | null): number {
    // The first series of each method, path and status does not count towards the limit: the routes bound their number.
    if (applicationValues !== null && (!series.hasFirst || this.#labels.reserveSeries())) {
      series.hasFirst = true
      return this.#durations.addSeries(series.values)
    }
    this.#labels.countOverflow(applicationValues === null ? 'length' : 'series')
    const index = this.#find(series, this.#labels.overflowValues)
    return index === NONE ? this.#durations.addSeries(series.values) : index
  }

  #addStatus ({ method, path, labelledByStatus }: MethodSeries, code: number): ApplicationLabelSeries {
    const status = statusLabel(code, this.#groupStatus)
    const series = { values: [method, path, status, ...this.#labels.overflowValues], hasFirst: false }
    labelledByStatus.set(code, series)
    return series
  }
}
