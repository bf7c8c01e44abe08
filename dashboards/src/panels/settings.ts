import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { DATASOURCE } from '../variables.js'

/** A unit. Grafana's own one for counts per minute is written c/m. */
export const PER_MINUTE = 'suffix:/min'

/** The height of a graph, in units of Grafana's grid. Three lines of a legend fit below the plot. */
export const GRAPH_HEIGHT = 9

/** The settings that every panel with data has. */
export interface PanelSettings {
  readonly title: string
  readonly description: string
  readonly unit: string
  /** Shown instead of a value if there is no data. */
  readonly noValue: string
  /** In columns; a row has 24. */
  readonly width: number
}

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: ReadonlyArray<Builder<Panel>>
}

/** A builder of a panel with data, of any type. */
interface DataPanel {
  title (title: string): this
  description (description: string): this
  datasource (datasource: typeof DATASOURCE): this
  unit (unit: string): this
  noValue (text: string): this
  height (rows: number): this
  span (columns: number): this
}

/** Applies the settings that every panel with data has. `height` is in units of Grafana's grid. */
export const applySettings = <P extends DataPanel>(panel: P, settings: PanelSettings, height: number): P => panel
  .title(settings.title)
  .description(settings.description)
  .datasource(DATASOURCE)
  .unit(settings.unit)
  .noValue(settings.noValue)
  .height(height)
  .span(settings.width)
