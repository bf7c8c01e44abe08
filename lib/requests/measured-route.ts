import type { SeriesRef } from '../series/series-family.js'
import type { AnalysisLabels } from '../types/index.js'
import { NO_LABELS } from './application-labels.js'
import type { ApplicationLabelValues } from './application-labels.js'

/** The series of the body sizes of one path and method. */
export interface SizeSeries {
  readonly request: SeriesRef
  readonly response: SeriesRef
}

/** The series of the durations of one method, path and status, with application labels. */
export interface ApplicationLabelSeries {
  /** The values of all labels. Those of the application labels are overwritten by each search. */
  readonly values: string[]
  /** Whether a series exists that is not an overflow series. */
  hasFirst: boolean
}

/** The series of one path and method. */
export interface MethodSeries {
  readonly method: string
  readonly path: string
  /** The index of its series of exceptions. */
  readonly exceptions: number
  /** Set when the first size is measured. */
  sizes: SizeSeries | undefined
  /** The series of the durations, by status code, if there are no application labels. */
  readonly byStatus: Map<number, SeriesRef>
  /** The series of the durations, by status code, if there are application labels. */
  readonly labelledByStatus: Map<number, ApplicationLabelSeries>
}

/** The values of a route that its config and the options determine. */
export type RouteSettings = Omit<MeasuredRoute, 'latest' | 'latestMethod' | 'latestStatus' | 'skipped'>

/** How the requests of a route are measured. Created when its first request arrives. */
export class MeasuredRoute {
  /** The series of its latest request, with its method and status. The next request usually has the same. */
  latest: SeriesRef | undefined
  latestMethod = ''
  latestStatus = 0
  /** The value of the label `path`. */
  readonly path: string
  /** Whether its requests are counted in the request metrics. */
  readonly isCounted: boolean
  /** Whether one observation of the duration, at the end, is all that an ordinary request of it needs. */
  readonly isPlain: boolean
  /** Whether it is a declared route. Requests that match no route share one that is not. */
  readonly isMatched: boolean
  /** Whether its requests end when the head of the response is written: `until: 'headers'`. */
  readonly endsAtHead: boolean
  /** Set when each of its requests is an analysis. */
  readonly analysis: AnalysisLabels | undefined
  /** The values of application labels that `config.metrics.labels` sets. */
  readonly labels: ApplicationLabelValues
  /** The series by method, shared by all routes with this path. */
  readonly byMethod: Map<string, MethodSeries>
  #skipped: MeasuredRoute | undefined

  constructor ({ path, isCounted, isPlain, isMatched, endsAtHead, analysis, labels, byMethod }: RouteSettings) {
    this.path = path
    this.isCounted = isCounted
    this.isPlain = isPlain
    this.isMatched = isMatched
    this.endsAtHead = endsAtHead
    this.analysis = analysis
    this.labels = labels
    this.byMethod = byMethod
  }

  /** The same route for requests that `requests.skip` leaves out: they are not counted, but may be analyses. */
  get skipped (): MeasuredRoute {
    this.#skipped ??= new MeasuredRoute({ ...this, isCounted: false, isPlain: false, endsAtHead: false })
    return this.#skipped
  }

  /** A route that counts nothing. */
  static uncounted (): MeasuredRoute {
    return new MeasuredRoute({
      path: '',
      isCounted: false,
      isPlain: false,
      isMatched: true,
      endsAtHead: false,
      analysis: undefined,
      labels: NO_LABELS,
      byMethod: new Map()
    })
  }
}
