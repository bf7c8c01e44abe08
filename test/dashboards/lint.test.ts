import t from 'tap'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'
import type { DashboardJson, PanelJson, TargetJson } from '../fixtures/dashboards/dashboard.js'
import { eventLoopRules } from './lint/event-loop-rules.js'
import { layoutRules } from './lint/layout-rules.js'
import { panelRules } from './lint/panel-rules.js'
import { structureRules } from './lint/structure-rules.js'

const rules = { ...panelRules, ...structureRules, ...layoutRules, ...eventLoopRules }

t.test('the dashboards comply with every rule', async t => {
  for (const name of DASHBOARDS) {
    for (const [rule, check] of Object.entries(rules)) t.strictSame(check(readDashboard(name)), [], `${name}: ${rule}`)
  }
})

type Mutation = (overview: DashboardJson) => void
type Case = readonly [fault: string, mutate: Mutation]

const first = <T>(list: readonly T[]): T => list[0] as T
const panelOf = ({ panels }: DashboardJson, title: string): PanelJson =>
  panels.find(panel => panel.title === title) as PanelJson
const targetOf = (dashboard: DashboardJson, title: string, i = 0): TargetJson =>
  panelOf(dashboard, title).targets?.[i] as TargetJson
const defaultsOf = (dashboard: DashboardJson, title: string) => panelOf(dashboard, title).fieldConfig?.defaults
const routes = (dashboard: DashboardJson): PanelJson => panelOf(dashboard, 'Requests by route')
const renamedIn = (dashboard: DashboardJson): object =>
  routes(dashboard).transformations?.[1]?.options.renameByName ?? {}
const overridesOf = (panel: PanelJson) => panel.fieldConfig?.overrides ?? []
const legendOf = (dashboard: DashboardJson, title: string) => panelOf(dashboard, title).options?.legend ?? {}
const lastVariable = ({ templating }: DashboardJson) => templating.list.at(-1)
const firstAnnotation = ({ annotations }: DashboardJson) => first(annotations.list)

/**
 * Replaces a part of an expression of the overview.
 * @throws if the expression does not have the part
 */
const rewrite = (title: string, part: string | RegExp, by: string): Mutation => dashboard => {
  const target = targetOf(dashboard, title)
  const changed = target.expr.replace(part, by)
  if (changed === target.expr) throw new Error(`${title} does not have ${part}`)
  target.expr = changed
}

const RATE_OF_GAUGE = 'rate(dynoai_requests_in_flight{job=~"$job",instance=~"$instance"}[5m])'

const loopDelay = (q: number, by = 'job, instance'): string =>
  `max by (${by}) (histogram_quantile(${q}, nodejs_eventloop_delay_seconds))`

const replaceQueries = (title: string, exprs: readonly string[]): Mutation => dashboard => {
  const target = targetOf(dashboard, title)
  panelOf(dashboard, title).targets = exprs.map(expr => ({ ...target, expr }))
}

const replaceWithText = (title: string, content: string): Mutation => dashboard => {
  Object.assign(panelOf(dashboard, title), { type: 'text', options: { content } })
}

/** Faults that each rule must find. */
const faults: Readonly<Record<string, readonly Case[]>> = {
  isPromql: [
    ['a missing parenthesis', rewrite('In flight', ')', '')],
    ['an expression without a series', d => { targetOf(d, 'In flight').expr = '1 + 1' }]
  ],
  knownSeries: [
    ['a misspelt metric', rewrite('In flight', 'in_flight', 'in_fligth')],
    ['a gauge with a suffix of a histogram', rewrite('In flight', 'in_flight{', 'in_flight_count{')]
  ],
  knownLabels: [
    ['a label that the metric does not have', rewrite('Requests by status', 'path=~', 'route=~')],
    ['a grouping by a label that no series has', rewrite('Requests by status', 'by (status)', 'by (code)')]
  ],
  knownValues: [
    ['an unlisted value', rewrite('Failed analyses', 'status="error"', 'status="failed"')],
    ['an alternative with an unlisted value', rewrite('Failures', 'complete|error', 'complete|failed')],
    ['an exclusion of an unlisted value', rewrite('Sessions by outcome', 'status!~"running"', 'status!~"runing"')],
    ['an impossible status', rewrite('Error ratio', '"5.."', '"6.."')]
  ],
  noRawCounters: [
    ['a counter without a rate', rewrite('Bytes received', /rate\((.*)\[.*\]\)/, '$1')],
    ['the highest value of a counter', rewrite('Bytes received', 'rate(', 'max_over_time(')]
  ],
  noRatesOfGauges: [
    ['a rate of a gauge', d => { targetOf(d, 'In flight').expr = RATE_OF_GAUGE }]
  ],
  boundsInBothForms: [
    ['an integer bound only as 7', rewrite('Analyses beyond the clamp', 'le=~"7([.]0)?"', 'le="7"')],
    ['an integer bound only as 7.0', rewrite('Analyses beyond the clamp', 'le=~"7([.]0)?"', 'le="7.0"')],
    ['a bound that the metric does not have', rewrite('Analyses beyond the clamp', '7([.]0)?', '8([.]0)?')]
  ],
  noUpgradesInLatency: [
    ['durations of all statuses', rewrite('p99 duration', 'status!~"101|1xx",', '')],
    ['an exclusion of 101 but not of the group 1xx', rewrite('p99 duration', '101|1xx', '101')],
    ['durations of upgrades only', rewrite('p99 duration', 'status!~"101|1xx"', 'status=~"1.."')]
  ],
  noDivisionByZero: [
    ['a total without a guard', rewrite('Error ratio', ' > 0)', ')')],
    ['a guard of a part of the total', rewrite('Error ratio', /\/ \(\((.*?)\) > 0\)/, '/ ($1 > 0)')],
    ['a guard that includes 0', rewrite('Error ratio', ' > 0)', ' >= 0)')],
    ['a lower limit of 0', rewrite('Error ratio', /\/ \(\((.*?)\) > 0\)/, '/ clamp_min($1, 0)')],
    ['a division by the number 0', rewrite('Apdex', '/ 2', '/ 0')]
  ],
  noQuantileOfNothing: [
    ['a quantile without a filter', rewrite('p99 duration', ' >= 0', '')]
  ],
  noResetByScrapes: [
    [
      'the lag since the last scrape',
      rewrite('In flight', 'dynoai_requests_in_flight', 'nodejs_eventloop_lag_max_seconds')
    ]
  ],
  histogramsInBothForms: [
    ['only a native histogram', rewrite('Requests by status', '_seconds_count{', '_seconds{')],
    ['only a classic histogram', rewrite('Requests by status', '_seconds{', '_seconds_count{')],
    ['other statuses of the native form', rewrite('Durations', /101\|1xx(?=[^1]*$)/, '2xx')],
    ['another range of the native form', rewrite('Error ratio', /5m(?=[^5]*$)/, '1m')]
  ],
  histogramFunctions: [
    ['a histogram as a number', rewrite('Requests by status', 'histogram_count', 'abs')]
  ],
  quantilesByBound: [
    ['a quantile without le', rewrite('p99 duration', 'by (le) ', '')]
  ],
  chosen: [
    ['all jobs', rewrite('In flight', 'job=~"$job",', '')],
    ['all instances', rewrite('In flight', ',instance=~"$instance"', '')],
    ['a fixed job', rewrite('In flight', '"$job"', '"dynoai"')],
    ['alerts of all instances', rewrite('Firing alerts', ',instance=~"$instance|"', '')],
    ['alerts of a chosen job only', rewrite('Firing alerts', '"$job|"', '"$job"')],
    ['an annotation of all jobs', d => { firstAnnotation(d).expr = 'process_start_time_seconds' }]
  ],
  rateInterval: [
    ['a line with a fixed range', rewrite('Bytes received', '$__rate_interval', '5m')],
    ['a line with the range of one step', rewrite('Bytes received', '$__rate_interval', '$__interval')],
    ['an instant query with a variable range', rewrite('Request rate', '[5m]', '[$__rate_interval]')]
  ],
  objectivesWithoutUpgrades: [
    ['a budget that includes upgrades', rewrite('Error budget', /status!~"101\|1xx"/g, 'status!~"2xx"')]
  ],
  legends: [
    ['no legend', d => { delete targetOf(d, 'Durations').legendFormat }],
    ['a label that the aggregation removes', d => { targetOf(d, 'Requests by status').legendFormat = '{{path}}' }],
    ['a heatmap without bounds', d => { targetOf(d, 'Durations, all of them').legendFormat = 'all' }]
  ],
  heatmapFormat: [
    ['a heatmap in the format of lines', d => { delete targetOf(d, 'Durations, all of them').format }],
    ['a heatmap of one moment', d => { targetOf(d, 'Durations, all of them').range = false }],
    ['a heatmap without bounds', rewrite('Durations, all of them', 'by (le)', 'by (path)')]
  ],
  exemplars: [
    ['percentiles without exemplars', d => { targetOf(d, 'Durations', 1).exemplar = false }]
  ],
  annotationTimes: [
    ['seconds', d => { firstAnnotation(d).expr = firstAnnotation(d).expr.replace(' * 1000', '') }],
    ['a factor of only a part', d => {
      firstAnnotation(d).expr = firstAnnotation(d).expr.replace(/^\(|\)(?= \* 1000)/g, '')
    }]
  ],
  uniqueIds: [
    ['a repeated id', d => { first(d.panels).id = 2 }],
    ['no id', d => { first(d.panels).id = 0 }],
    ['a repeated title', d => { panelOf(d, 'Apdex').title = 'In flight' }],
    ['a repeated letter', d => { targetOf(d, 'Durations', 1).refId = 'A' }],
    ['no letter', d => { targetOf(d, 'Durations').refId = '' }],
    ['a repeated annotation', d => { d.annotations.list.push(firstAnnotation(d)) }]
  ],
  noOverlap: [
    ['a panel that overlaps the panel to its left', d => { panelOf(d, 'Apdex').gridPos.x -= 1 }],
    ['a panel that overlaps the next row', d => { panelOf(d, 'Apdex').gridPos.h += 1 }],
    ['a panel that exceeds the width', d => { panelOf(d, 'In flight').gridPos.w += 1 }],
    ['a panel without height', d => { panelOf(d, 'Apdex').gridPos.h = 0 }]
  ],
  texts: [
    ['a dashboard without description', d => { Object.assign(d, { description: '' }) }],
    ['no title', d => { panelOf(d, 'Apdex').title = '' }],
    ['no description', d => { delete panelOf(d, 'Apdex').description }],
    ['no text for no data', d => { delete defaultsOf(d, 'Apdex')?.noValue }],
    ['no query', d => { panelOf(d, 'Apdex').targets = [] }]
  ],
  knownUnits: [
    ['a unit that Grafana does not know', d => { Object.assign(defaultsOf(d, 'Apdex') ?? {}, { unit: 'seconds' }) }],
    ['no unit', d => { delete defaultsOf(d, 'Apdex')?.unit }],
    ['a column with an unknown unit', d => {
      const properties = overridesOf(routes(d)).flatMap(({ properties }) => properties)
      for (const property of properties) if (property.id === 'unit') property.value = 'requests'
    }]
  ],
  datasourceEverywhere: [
    ['a panel without data source', d => { delete panelOf(d, 'Apdex').datasource }],
    ['a query with a fixed data source', d => {
      targetOf(d, 'Apdex').datasource = { type: 'prometheus', uid: 'prometheus' }
    }],
    ['a query of another type', d => { Object.assign(targetOf(d, 'Apdex').datasource ?? {}, { type: 'loki' }) }],
    ['an annotation without data source', d => { delete firstAnnotation(d).datasource }],
    ['a variable without data source', d => { delete lastVariable(d)?.datasource }]
  ],
  definedVariables: [
    ['a variable that does not exist', rewrite('In flight', '"$job"', '"$cluster"')],
    ['an unused variable', d => { d.templating.list.push({ name: 'cluster', type: 'query', query: '' }) }]
  ],
  variableLists: [
    ['only one value', d => { Object.assign(lastVariable(d) ?? {}, { multi: false }) }],
    ['no All', d => { Object.assign(lastVariable(d) ?? {}, { includeAll: false }) }],
    ['an All that matches the empty value', d => { Object.assign(lastVariable(d) ?? {}, { allValue: '.*' }) }]
  ],
  links: [
    ['a missing link to another dashboard', d => { d.links.pop() }],
    ['a link that does not keep the time', d => { first(d.links).keepTime = false }],
    ['a link to an unknown dashboard', d => { first(d.links).url = '/d/dynoai-slow' }]
  ],
  legendsSorted: [
    ['a legend in the order of the series', d => { delete legendOf(d, 'Durations').sortBy }],
    ['a legend that begins with the lowest value', d => { legendOf(d, 'Durations').sortDesc = false }],
    ['a legend without last values', d => { legendOf(d, 'Durations').calcs = ['max'] }],
    ['a legend as a list', d => { legendOf(d, 'Durations').displayMode = 'list' }]
  ],
  legendsFit: [
    ['routes below the lines', d => { legendOf(d, 'Client errors by route').placement = 'bottom' }],
    ['routes in a low panel', d => { panelOf(d, 'Server errors by route').gridPos.h = 8 }],
    ['statuses below the lines', d => { legendOf(d, 'Requests by status').placement = 'bottom' }],
    ['six lines below', d => { legendOf(d, 'Analyses by source and outcome').placement = 'bottom' }],
    ['six lines in a low panel', d => { panelOf(d, 'Analyses by source and outcome').gridPos.h = 5 }]
  ],
  tablesFit: [
    ['a table lower than its rows', d => { panelOf(d, 'Runs in the time shown').gridPos.h -= 1 }],
    ['a table of routes without pages', d => { delete routes(d).options?.footer }],
    ['a table of instances without pages', d => { delete panelOf(d, 'Files in the time shown').options?.footer }]
  ],
  columnsFit: [
    ['a long title', d => { Object.assign(renamedIn(d), { 'Value #A': 'Requests that have ended' }) }],
    ['a narrow column for routes', d => {
      const property = first(overridesOf(routes(d))).properties.find(({ id }) => id === 'custom.width')
      Object.assign(property ?? {}, { value: 100 })
    }],
    ['more columns than the panel has space for', d => { routes(d).gridPos.w = 12 }]
  ],
  mediansWithMeans: [
    ['a median without a mean', d => { panelOf(d, 'Iterations').targets?.shift() }]
  ],
  noAbbreviatedUnits: [
    ['counts per minute as c/m', d => { Object.assign(defaultsOf(d, 'Polls') ?? {}, { unit: 'cpm' }) }]
  ],
  titlesFit: [
    ['a title of 14 letters over a small number', d => { panelOf(d, 'Apdex').title = 'Apdex of users' }]
  ],
  textsFit: [
    ['a text of long lines', replaceWithText('Apdex', 'word '.repeat(100))],
    ['a text of many lines', replaceWithText('Apdex', 'word\n'.repeat(5))]
  ],
  eventLoopLines: [
    ['three lines an instance', replaceQueries('Durations', [1, 0.99, 0.9].map(q => loopDelay(q)))],
    ['a line for each worker', replaceQueries('Durations', [loopDelay(1, 'job, instance, worker')])],
    ['the longest delay after another', replaceQueries('Durations', [loopDelay(0.99), loopDelay(1)])],
    ['no longest delay', replaceQueries('Durations', [loopDelay(0.99)])]
  ],
  firstScreen: [
    ['server errors by route below the first screen', d => { panelOf(d, 'Server errors by route').gridPos.y += 4 }],
    ['alerts only below the first screen', d => {
      for (const title of ['Firing alerts', 'Alerts that fire']) panelOf(d, title).gridPos.y += 20
    }],
    ['budgets below the first screen', d => {
      for (const title of ['Error budget', 'Slow budget']) panelOf(d, title).gridPos.y += 20
    }]
  ],
  columns: [
    ['an override of an unknown column', d => {
      const { matcher } = first(overridesOf(routes(d))) as { matcher: { options: string } }
      matcher.options = 'Path'
    }],
    ['a column without a title', d => { delete routes(d).transformations?.[1]?.options.renameByName?.['Value #A'] }],
    ['a query in the format of lines', d => { (routes(d).targets?.[0] as TargetJson).format = 'time_series' }]
  ]
}

t.test('every rule finds its faults', async t => {
  t.strictSame(Object.keys(faults).sort(), Object.keys(rules).sort(), 'every rule has faults')
  for (const [rule, cases] of Object.entries(faults)) {
    for (const [fault, mutate] of cases) {
      const overview = readDashboard('dynoai-dashboard.json')
      mutate(overview)
      t.not(rules[rule]?.(overview).length, 0, `${rule}: ${fault}`)
    }
  }
})
