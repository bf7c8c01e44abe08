import {
  AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, RowBuilder
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Row } from './panels.js'
import { group, measured, select } from './promql.js'
import { DATASOURCE } from './variables.js'

/** The dashboards, by what the address of each ends in. */
export const TITLES = {
  'dynoai-overview': 'DynoAI: overview',
  'dynoai-slo': 'DynoAI: service levels',
  'dynoai-node': 'DynoAI: processes'
} as const

/** What sets a dashboard apart. */
export interface Parts {
  readonly uid: keyof typeof TITLES
  readonly description: string
  readonly from: string
  readonly variables: ReadonlyArray<Builder<VariableModel>>
  readonly rows: readonly Row[]
}

/** A dashboard as Grafana imports it. */
export function dashboard ({ uid, description, from, variables, rows }: Parts): Dashboard {
  const builder = new DashboardBuilder(TITLES[uid])
    .uid(uid)
    .description(description)
    .tags(['dynoai'])
    .time({ from, to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .annotations([starts(), newVersions()])
    .links(Object.entries(TITLES).filter(([other]) => other !== uid).map(([other, title]) => link(other, title)))
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  return finish(builder.build() as Built)
}

// The value is the time of the start itself, so it is marked where it was, also that of a process that is new.
const starts = (): AnnotationQueryBuilder => new AnnotationQueryBuilder()
  .name('Starts')
  .datasource(DATASOURCE)
  .enable(true)
  .iconColor('blue')
  .expr(`${measured(select('process_start_time_seconds'))} * 1000`)
  .useValueForTime(true)
  .titleFormat('Start')
  .textFormat('{{instance}} has started')
  .tagKeys('job,instance')

// There is now what an hour up to the step before did not have; a shorter look back would take a break for news.
const newVersions = (): AnnotationQueryBuilder => {
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

const link = (uid: string, title: string): DashboardLinkBuilder => new DashboardLinkBuilder(title)
  .type(DashboardLinkType.Link)
  .icon('dashboard')
  .tooltip(`${title}, for the same time and choice`)
  .url(`/d/${uid}`)
  .keepTime(true)
  .includeVars(true)

/** What is given above is there. */
type Built = Dashboard & Required<Pick<Dashboard, 'panels' | 'links'>> & {
  readonly templating: Required<Dashboard['templating']>
  readonly annotations: Required<Dashboard['annotations']>
}

/** Gives every panel and query its number and letter in the order they stand, and takes out what the builders add unasked. */
function finish (built: Built): Dashboard {
  const panels = built.panels.map((panel, i) => ({ ...panel, id: i + 1, ...lettered(panel) }))
  const list = built.templating.list.map(({ auto, auto_min: min, auto_count: count, ...variable }) => variable)
  // In a menu, as the builders have it, links and annotations would be out of sight.
  const links = built.links.map(({ placement, ...link }) => link)
  const annotations = built.annotations.list.map(({ placement, ...annotation }) => annotation)
  return { ...built, panels, templating: { list }, annotations: { list: annotations }, links }
}

function lettered (panel: Panel | RowPanel): object {
  const { targets } = panel as Panel
  return targets === undefined ? {} : { targets: targets.map((target, i) => ({ ...target, refId: String.fromCharCode('A'.charCodeAt(0) + i) })) }
}
