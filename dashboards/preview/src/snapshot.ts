/** The data of one dashboard: its committed JSON, and the results of its queries. */
export interface Snapshot {
  readonly title: string
  /** Start and end of the time range, and the interval between two points, in milliseconds. */
  readonly from: number
  readonly to: number
  readonly step: number
  readonly variables: ReadonlyArray<{ readonly label: string, readonly value: string }>
  readonly links: readonly string[]
  readonly panels: ReadonlyArray<{ readonly panel: PanelJson, readonly results: readonly QueryResult[] }>
  readonly annotations: readonly Annotation[]
  /** The names of the queries of annotations, each of which Grafana shows as a switch. */
  readonly switches: readonly string[]
}

/** Snapshots by the name of the dashboard's file. */
export type Snapshots = Record<string, Snapshot>

/** The result of one query of a panel. */
export interface QueryResult {
  readonly refId: string
  readonly format: 'time_series' | 'table' | 'heatmap'
  readonly series: readonly Series[]
}

export interface Series {
  readonly legend: string
  readonly labels: Readonly<Record<string, string>>
  /** Time in milliseconds, and value. */
  readonly points: ReadonlyArray<readonly [number, number]>
}

export interface Annotation {
  /** Start and end in milliseconds; the same for an event without a duration. */
  readonly time: number
  readonly timeEnd: number
  readonly color: string
  readonly title: string
  readonly text: string
}

/** A panel of the committed JSON. The type of its options depends on `type`. */
export interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  /** Of a row whose panels are hidden. */
  readonly collapsed?: boolean
  readonly gridPos: { readonly x: number, readonly y: number, readonly w: number, readonly h: number }
  readonly targets?: readonly TargetJson[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly fieldConfig?: unknown
  readonly transformations?: readonly unknown[]
}

interface TargetJson {
  readonly refId: string
  readonly expr: string
  readonly legendFormat?: string
  readonly format?: QueryResult['format']
  readonly instant?: boolean
}

export interface AnnotationJson {
  readonly name: string
  readonly expr: string
  readonly titleFormat?: string
  readonly textFormat?: string
  readonly iconColor: string
  readonly useValueForTime?: boolean
}

interface VariableJson {
  readonly label: string
  readonly type: string
}

export interface DashboardJson {
  readonly title: string
  readonly panels: readonly PanelJson[]
  readonly links: ReadonlyArray<{ readonly title: string }>
  readonly annotations: { readonly list: readonly AnnotationJson[] }
  readonly templating: { readonly list: readonly VariableJson[] }
}
