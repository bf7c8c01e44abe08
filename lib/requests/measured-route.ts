import type { SeriesRef } from '../series/series-family.js'
import type { AnalysisLabels } from '../types/index.js'
import { NO_LABELS } from './application-labels.js'
import type { ApplicationLabelValues } from './application-labels.js'

/** The series of the sizes of one path and method. */
export interface SizeSeries {
  readonly request: SeriesRef
  readonly response: SeriesRef
}

/** Durations of one method, path and status, by labels of the application's own. */
export interface ApplicationLabelSeries {
  /** The values of all labels; the application's own are those of the request that was looked for last. */
  readonly texts: string[]
  /** Whether there is a series with own values, and not for overflow. */
  hasFirst: boolean
}

/** The series of one path and method. */
export interface MethodSeries {
  readonly method: string
  readonly path: string
  /** The place of its series of exceptions. */
  readonly exceptions: number
  /** Set once a size was measured. */
  sizes: SizeSeries | undefined
  /** By the code of the response, without labels of the application's own. */
  readonly byStatus: Map<number, SeriesRef>
  /** By the code of the response, where the application has labels of its own. */
  readonly labelledByStatus: Map<number, ApplicationLabelSeries>
}

/** What the options and its own configuration make of a route. */
export type RouteSettings = Omit<MeasuredRoute, 'latest' | 'latestMethod' | 'latestStatus' | 'skipped'>

/** What is known of a route once its first request has come. */
export class MeasuredRoute {
  /** The series that its latest request went to, and of which method and status that is: mostly also the next one's. */
  latest: SeriesRef | undefined
  latestMethod = ''
  latestStatus = 0
  readonly path: string
  /** Whether its requests are counted. */
  readonly counted: boolean
  /** Whether an ordinary request of it is no more than one observation of its duration, when it ends. */
  readonly plain: boolean
  /** Whether there is such a route, or the requests matched none. */
  readonly matched: boolean
  /** Whether its requests end with the head of their response. */
  readonly untilHead: boolean
  /** Set when each of its requests is an analysis. */
  readonly analysis: AnalysisLabels | undefined
  /** The application's own labels that it fixes. */
  readonly labels: ApplicationLabelValues
  /** Shared by all routes of this path. */
  readonly byMethod: Map<string, MethodSeries>
  #skipped: MeasuredRoute | undefined

  constructor ({ path, counted, plain, matched, untilHead, analysis, labels, byMethod }: RouteSettings) {
    this.path = path
    this.counted = counted
    this.plain = plain
    this.matched = matched
    this.untilHead = untilHead
    this.analysis = analysis
    this.labels = labels
    this.byMethod = byMethod
  }

  /** The same route for a request that `requests.skip` leaves out: it is not counted, but may be an analysis. */
  get skipped (): MeasuredRoute {
    this.#skipped ??= new MeasuredRoute({ ...this, counted: false, plain: false, untilHead: false })
    return this.#skipped
  }

  /** A route that counts nothing. */
  static uncounted (): MeasuredRoute {
    return new MeasuredRoute({
      path: '',
      counted: false,
      plain: false,
      matched: true,
      untilHead: false,
      analysis: undefined,
      labels: NO_LABELS,
      byMethod: new Map()
    })
  }
}
