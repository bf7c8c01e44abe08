import t from 'tap'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'
import type { DashboardJson, PanelJson, TargetJson } from '../fixtures/dashboards/dashboard.js'
import { panelRules } from './lint/panel-rules.js'
import { structureRules } from './lint/structure-rules.js'

const rules = { ...panelRules, ...structureRules }

t.test('the dashboards keep every rule', async t => {
  for (const name of DASHBOARDS) {
    for (const [rule, check] of Object.entries(rules)) t.strictSame(check(readDashboard(name)), [], `${name}: ${rule}`)
  }
})

const panelOf = ({ panels }: DashboardJson, title: string): PanelJson => panels.find(panel => panel.title === title) as PanelJson
const targetOf = (dashboard: DashboardJson, title: string, i = 0): TargetJson => panelOf(dashboard, title).targets?.[i] as TargetJson
const routes = (dashboard: DashboardJson): PanelJson => panelOf(dashboard, 'Requests by route')
const first = <T>(list: readonly T[]): T => list[0] as T

/** Breaks an expression of the overview by replacing a part that it has. */
const rewrite = (title: string, part: string | RegExp, by: string) => (dashboard: DashboardJson) => {
  const target = targetOf(dashboard, title)
  const changed = target.expr.replace(part, by)
  if (changed === target.expr) throw new Error(`${title} has no ${part}`)
  target.expr = changed
}

const mutations: Readonly<Record<string, ReadonlyArray<readonly [what: string, mutate: (overview: DashboardJson) => void]>>> = {
  isPromql: [
    ['a missing parenthesis', rewrite('In flight', ')', '')],
    ['no series at all', d => { targetOf(d, 'In flight').expr = '1 + 1' }]
  ],
  knownSeries: [
    ['a misspelt metric', rewrite('In flight', 'in_flight', 'in_fligth')],
    ['a histogram without an ending', rewrite('Requests by status', '_count{', '{')],
    ['a gauge with the ending of a histogram', rewrite('In flight', 'in_flight{', 'in_flight_count{')]
  ],
  knownLabels: [
    ['a label that the metric does not have', rewrite('Requests by status', 'path=~', 'route=~')],
    ['a grouping by a label that nothing has', rewrite('Requests by status', 'by (status)', 'by (code)')]
  ],
  knownValues: [
    ['an unlisted value', rewrite('Failed analyses', 'status="error"', 'status="failed"')],
    ['an alternative that no state is', rewrite('Failures', 'complete|error', 'complete|failed')],
    ['an exclusion of what never is', rewrite('Sessions by outcome', 'status!~"running"', 'status!~"runing"')],
    ['a status that is none', rewrite('Error ratio', '"5.."', '"6.."')]
  ],
  noRawCounters: [
    ['a counter itself', rewrite('Bytes received', /rate\((.*)\[.*\]\)/, '$1')],
    ['the highest value of a counter', rewrite('Bytes received', 'rate(', 'max_over_time(')]
  ],
  noRatesOfGauges: [['a rate of a gauge', d => { targetOf(d, 'In flight').expr = 'rate(dynoai_requests_in_flight{job=~"$job",instance=~"$instance"}[5m])' }]],
  boundsInBothForms: [
    ['a whole bound in one form', rewrite('Analyses beyond the clamp', 'le=~"7([.]0)?"', 'le="7"')],
    ['a whole bound in the other form', rewrite('Analyses beyond the clamp', 'le=~"7([.]0)?"', 'le="7.0"')],
    ['a bound that the metric does not have', rewrite('Analyses beyond the clamp', '7([.]0)?', '8([.]0)?')]
  ],
  noUpgradesInLatency: [
    ['durations of everything', rewrite('99th percentile', 'status!~"101|1xx",', '')],
    ['durations of what is not grouped', rewrite('99th percentile', '101|1xx', '101')],
    ['durations of upgrades alone', rewrite('99th percentile', 'status!~"101|1xx"', 'status=~"1.."')]
  ],
  noDivisionByZero: [
    ['a total that is not guarded', rewrite('Error ratio', ' > 0)', ')')],
    ['a guard that holds for a part only', rewrite('Error ratio', /\/ \(\((.*?)\) > 0\)/, '/ ($1 > 0)')],
    ['a guard that lets 0 through', rewrite('Error ratio', ' > 0)', ' >= 0)')],
    ['a division by zero itself', rewrite('Apdex', '/ 2', '/ 0')]
  ],
  noQuantileOfNothing: [['a quantile that is not filtered', rewrite('Durations', ' >= 0', '')]],
  noResetByScrapes: [['the lag since the last scrape', rewrite('In flight', 'dynoai_requests_in_flight', 'nodejs_eventloop_lag_max_seconds')]],
  quantilesByBound: [['a quantile of one number', rewrite('Durations', 'by (le) ', '')]],
  chosen: [
    ['every job', rewrite('In flight', 'job=~"$job",', '')],
    ['every instance', rewrite('In flight', ',instance=~"$instance"', '')],
    ['a job of its own', rewrite('In flight', '"$job"', '"dynoai"')],
    ['an annotation about everything', d => { first(d.annotations.list).expr = 'process_start_time_seconds' }]
  ],
  rateInterval: [
    ['a line over a fixed time', rewrite('Bytes received', '$__rate_interval', '5m')],
    ['a line over one step', rewrite('Bytes received', '$__rate_interval', '$__interval')],
    ['a number over the width of its panel', rewrite('Requests per second', '[5m]', '[$__rate_interval]')]
  ],
  objectivesWithoutUpgrades: [['a budget of everything', rewrite('Error budget left', /status!~"101\|1xx"/g, 'status!~"2xx"')]],
  legends: [
    ['no legend', d => { delete targetOf(d, 'Durations').legendFormat }],
    ['a label that was summed away', d => { targetOf(d, 'Requests by status').legendFormat = '{{path}}' }],
    ['a heatmap without bounds', d => { targetOf(d, 'Durations, all of them').legendFormat = 'all' }]
  ],
  heatmapFormat: [
    ['lines in a heatmap', d => { delete targetOf(d, 'Durations, all of them').format }],
    ['one moment in a heatmap', d => { targetOf(d, 'Durations, all of them').range = false }],
    ['a heatmap without bounds', rewrite('Durations, all of them', 'by (le)', 'by (path)')]
  ],
  exemplars: [['percentiles without exemplars', d => { targetOf(d, 'Durations').exemplar = false }]],
  annotationTimes: [
    ['seconds', d => { first(d.annotations.list).expr = first(d.annotations.list).expr.replace(' * 1000', '') }],
    ['a part that is multiplied', d => { first(d.annotations.list).expr = first(d.annotations.list).expr.replace(/^\(|\)(?= \* 1000)/g, '') }]
  ],
  uniqueIds: [
    ['one id twice', d => { first(d.panels).id = 2 }],
    ['no id', d => { first(d.panels).id = 0 }],
    ['one title twice', d => { panelOf(d, 'Apdex').title = 'In flight' }],
    ['one letter twice', d => { targetOf(d, 'Durations', 1).refId = 'A' }],
    ['no letter', d => { targetOf(d, 'Durations').refId = '' }],
    ['one annotation twice', d => { d.annotations.list.push(first(d.annotations.list)) }]
  ],
  noOverlap: [
    ['a panel over another', d => { panelOf(d, 'Apdex').gridPos.x -= 1 }],
    ['a panel over the next row', d => { panelOf(d, 'Apdex').gridPos.h += 1 }],
    ['a panel over the edge', d => { panelOf(d, 'Error budget left').gridPos.w += 1 }],
    ['a panel without height', d => { panelOf(d, 'Apdex').gridPos.h = 0 }]
  ],
  texts: [
    ['no description of it all', d => { Object.assign(d, { description: '' }) }],
    ['no title', d => { panelOf(d, 'Apdex').title = '' }],
    ['no description', d => { delete panelOf(d, 'Apdex').description }],
    ['no text for no data', d => { delete panelOf(d, 'Apdex').fieldConfig?.defaults.noValue }],
    ['no query', d => { panelOf(d, 'Apdex').targets = [] }]
  ],
  knownUnits: [
    ['a unit that Grafana does not know', d => { Object.assign(panelOf(d, 'Apdex').fieldConfig?.defaults ?? {}, { unit: 'seconds' }) }],
    ['no unit', d => { delete panelOf(d, 'Apdex').fieldConfig?.defaults.unit }],
    ['a column with an unknown unit', d => {
      for (const { properties } of routes(d).fieldConfig?.overrides ?? []) for (const property of properties) if (property.id === 'unit') property.value = 'requests'
    }]
  ],
  datasourceEverywhere: [
    ['a panel of its own', d => { delete panelOf(d, 'Apdex').datasource }],
    ['a query of its own', d => { targetOf(d, 'Apdex').datasource = { type: 'prometheus', uid: 'prometheus' } }],
    ['a query of another kind', d => { Object.assign(targetOf(d, 'Apdex').datasource ?? {}, { type: 'loki' }) }],
    ['an annotation of its own', d => { delete first(d.annotations.list).datasource }],
    ['a variable of its own', d => { delete d.templating.list.at(-1)?.datasource }]
  ],
  definedVariables: [
    ['a variable that does not exist', rewrite('In flight', '"$job"', '"$cluster"')],
    ['a variable that nothing uses', d => { d.templating.list.push({ name: 'cluster', type: 'query', query: '' }) }]
  ],
  variableLists: [
    ['one value only', d => { Object.assign(d.templating.list.at(-1) ?? {}, { multi: false }) }],
    ['no All', d => { Object.assign(d.templating.list.at(-1) ?? {}, { includeAll: false }) }],
    ['All that is nothing', d => { Object.assign(d.templating.list.at(-1) ?? {}, { allValue: '.*' }) }]
  ],
  links: [
    ['no link to another', d => { d.links.pop() }],
    ['a link that loses the time', d => { first(d.links).keepTime = false }],
    ['a link to nowhere', d => { first(d.links).url = '/d/dynoai-slow' }]
  ],
  columns: [
    ['a column that is not there', d => { (first(routes(d).fieldConfig?.overrides ?? []) as { matcher: { options: string } }).matcher.options = 'Path' }],
    ['a column called by a letter', d => { delete routes(d).transformations?.[1]?.options.renameByName?.['Value #A'] }],
    ['a line in a table', d => { (routes(d).targets?.[0] as TargetJson).format = 'time_series' }]
  ]
}

t.test('every rule catches what breaks it', async t => {
  t.strictSame(Object.keys(mutations).sort(), Object.keys(rules).sort(), 'every rule is broken once')
  for (const [rule, cases] of Object.entries(mutations)) {
    for (const [what, mutate] of cases) {
      const overview = readDashboard('dynoai-dashboard.json')
      mutate(overview)
      t.not(rules[rule]?.(overview).length, 0, `${rule}: ${what}`)
    }
  }
})
