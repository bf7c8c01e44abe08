/** What a page needs to draw one dashboard: the committed JSON, and what Prometheus answered to it. */
export interface Picture {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly step: number
  readonly variables: ReadonlyArray<{ readonly label: string, readonly value: string }>
  readonly links: readonly string[]
  readonly panels: ReadonlyArray<{ readonly panel: PanelJson, readonly results: readonly Result[] }>
  readonly marks: readonly Mark[]
}

/** The answer to one query of a panel. */
export interface Result {
  readonly refId: string
  readonly format: 'time_series' | 'table' | 'heatmap'
  readonly series: readonly Series[]
}

export interface Series {
  readonly legend: string
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds and value. */
  readonly points: ReadonlyArray<readonly [number, number]>
}

/** An annotation. */
export interface Mark {
  readonly time: number
  readonly color: string
}

/** A panel of the committed JSON; its options are those of its type. */
export interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
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
  readonly format?: Result['format']
  readonly instant?: boolean
}

export interface DashboardJson {
  readonly uid: string
  readonly title: string
  readonly panels: readonly PanelJson[]
  readonly links: ReadonlyArray<{ readonly title: string }>
  readonly annotations: { readonly list: ReadonlyArray<{ readonly expr: string, readonly iconColor: string, readonly useValueForTime?: boolean }> }
  readonly templating: { readonly list: ReadonlyArray<{ readonly name: string, readonly label: string, readonly type: string }> }
}
