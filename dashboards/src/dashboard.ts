import {
  AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, RowBuilder
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Row } from './panels.js'
import { filterInstances, group, select } from './promql.js'
import { refIdOf } from './ref-id.js'
import { DATASOURCE } from './variables.js'

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
    .annotations([annotateStarts(), annotateNewVersions()])
    .links(others.map(([other, title]) => linkTo(other, title)))
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  return normalize(builder.build() as BuiltDashboard)
}

// The value of the series is the start time. So each start is marked at its exact time, also that of a new process.
const annotateStarts = (): AnnotationQueryBuilder => new AnnotationQueryBuilder()
  .name('Starts')
  .datasource(DATASOURCE)
  .enable(true)
  .iconColor('blue')
  .expr(`${filterInstances(select('process_start_time_seconds'))} * 1000`)
  .useValueForTime(true)
  .titleFormat('Start')
  .textFormat('{{instance}} {{worker}} has started')
  .tagKeys('job,instance,worker')

// A version is new if it has no sample in the hour before the previous step. With a shorter range, a version would
// count as new after an interruption.
const annotateNewVersions = (): AnnotationQueryBuilder => {
  const versions = select('dynoai_app_info')
  const by = ['job', 'version']
  return new AnnotationQueryBuilder()
    .name('New versions')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('purple')
    .expr(`${group(versions, by)} unless ${group(`last_over_time(${versions}[1h] offset $__interval)`, by)}`)
    .titleFormat('New version')
    .textFormat('{{job}} {{version}}')
    .tagKeys('job,version')
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
  const annotations = built.annotations.list.map(({ placement, ...annotation }) => annotation)
  return { ...built, panels, templating: { list }, annotations: { list: annotations }, links }
}

function withRefIds (panel: Panel | RowPanel): object {
  const { targets } = panel as Panel
  return targets === undefined ? {} : { targets: targets.map((target, i) => ({ ...target, refId: refIdOf(i) })) }
}
