import {
  DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, RowBuilder
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { annotations } from './annotations.js'
import type { Row } from './panels/index.js'
import { refIdOf } from './ref-id.js'

/** Titles of the dashboards by uid. The uid is the last part of the address. */
const TITLES = {
  'dynoai-overview': 'DynoAI: overview',
  'dynoai-slo': 'DynoAI: service levels',
  'dynoai-node': 'DynoAI: processes'
} as const

/** The parts that differ between dashboards. */
interface DashboardParts {
  readonly uid: keyof typeof TITLES
  readonly description: string
  /** Start of the default time range. */
  readonly from: string
  readonly variables: ReadonlyArray<Builder<VariableModel>>
  readonly rows: readonly Row[]
}

/** Builds a dashboard in the form that Grafana imports. */
export function buildDashboard ({ uid, description, from, variables, rows }: DashboardParts): Dashboard {
  const others = Object.entries(TITLES).filter(([other]) => other !== uid)
  const builder = new DashboardBuilder(TITLES[uid])
    .uid(uid)
    .description(description)
    .tags(['dynoai'])
    .time({ from, to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .annotations(annotations())
    .links(others.map(([other, title]) => linkTo(other, title)))
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  return normalize(builder.build() as BuiltDashboard)
}

const linkTo = (uid: string, title: string): DashboardLinkBuilder => new DashboardLinkBuilder(title)
  .type(DashboardLinkType.Link)
  .icon('dashboard')
  .tooltip(`${title}, with the same time range and variables`)
  .url(`/d/${uid}`)
  .keepTime(true)
  .includeVars(true)

/** A dashboard with the optional properties that `buildDashboard` sets. */
type BuiltDashboard = Dashboard & Required<Pick<Dashboard, 'panels' | 'links'>> & {
  readonly templating: Required<Dashboard['templating']>
  readonly annotations: Required<Dashboard['annotations']>
}

/** Numbers the panels and queries in their order, and removes defaults that the builders add. */
function normalize (built: BuiltDashboard): Dashboard {
  const panels = built.panels.map((panel, i) => ({ ...panel, id: i + 1, ...withRefIds(panel) }))
  const list = built.templating.list.map(({ auto, auto_min: min, auto_count: count, ...variable }) => variable)
  // The builders place links and annotations in a menu, where they are hidden.
  const links = built.links.map(({ placement, ...link }) => link)
  const marks = built.annotations.list.map(({ placement, ...annotation }) => annotation)
  return { ...built, panels, templating: { list }, annotations: { list: marks }, links }
}

function withRefIds (panel: Panel | RowPanel): object {
  const { targets } = panel as Panel
  return targets === undefined ? {} : { targets: targets.map((target, i) => ({ ...target, refId: refIdOf(i) })) }
}
