import * as units from '@grafana/grafana-foundation-sdk/units'
import type { DatasourceJson, PanelJson } from '../../fixtures/dashboards/dashboard.js'
import type { DashboardRule } from './panel-rules.js'

// What makes a dashboard one that can be imported and read.

const UNITS = new Set<unknown>(Object.values(units))
const COLUMNS = 24
const UIDS = ['dynoai-overview', 'dynoai-slo', 'dynoai-node']

/** Grafana's own variables that are used. */
const BUILT_IN = ['__all', '__rate_interval', '__interval', '__range', '__value', '__url_time_range', '__data']

const drawn = (panels: readonly PanelJson[]): PanelJson[] => panels.filter(({ type }) => type !== 'row')
const withData = (panels: readonly PanelJson[]): PanelJson[] => drawn(panels).filter(({ type }) => type !== 'text')

function repeated (values: readonly unknown[]): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i).map(String)
}

const uniqueIds: DashboardRule = ({ panels, annotations, templating }) => [
  ...repeated(panels.map(({ id }) => id)).map(id => `two panels are ${id}`),
  ...panels.filter(({ id }) => !(id > 0)).map(({ title }) => `'${title}' has no id`),
  ...repeated(panels.map(({ title }) => title)).map(title => `two panels are called '${title}'`),
  ...panels.flatMap(({ title, targets = [] }) => repeated(targets.map(({ refId }) => refId)).map(refId => `'${title}' has two ${refId}`)),
  ...panels.flatMap(({ title, targets = [] }) => targets.filter(({ refId }) => !/^[A-Z]$/.test(refId)).map(() => `'${title}' has a query without a letter`)),
  ...repeated([...annotations.list, ...templating.list].map(({ name }) => name)).map(name => `two things are called ${name}`)
]

/** Panels stand beside and below each other, within the width. */
const noOverlap: DashboardRule = ({ panels }) => panels.flatMap(({ title, gridPos: a }, i) => [
  ...a.x < 0 || a.x + a.w > COLUMNS || a.w < 1 || a.h < 1 ? [`'${title}' is wider than the page`] : [],
  ...panels.slice(i + 1)
    .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
    .map(other => `'${title}' lies over '${other.title}'`)
])

const texts: DashboardRule = ({ uid, description, panels }) => [
  ...description === '' ? [`${uid} has no description`] : [],
  ...panels.filter(({ title }) => !title).map(({ id }) => `${id} has no title`),
  ...drawn(panels).filter(({ description }) => !description).map(({ title }) => `'${title}' has no description`),
  ...withData(panels).filter(({ fieldConfig }) => !fieldConfig?.defaults.noValue).map(({ title }) => `'${title}' has no text for no data`),
  ...withData(panels).filter(({ targets = [] }) => targets.length === 0).map(({ title }) => `'${title}' asks for nothing`)
]

const knownUnits: DashboardRule = ({ panels }) => withData(panels).flatMap(({ title, fieldConfig }) => {
  const overridden = fieldConfig?.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit').map(({ value }) => value)) ?? []
  return [fieldConfig?.defaults.unit, ...overridden].filter(unit => !UNITS.has(unit)).map(unit => `'${title}' has the unit ${unit}`)
})

const datasourceEverywhere: DashboardRule = ({ panels, annotations, templating }) => {
  const asked: Array<[what: string, datasource: DatasourceJson | undefined]> = [
    ...withData(panels).map(({ title, datasource }): [string, DatasourceJson | undefined] => [title, datasource]),
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ refId, datasource }): [string, DatasourceJson | undefined] => [`${title}, ${refId}`, datasource])),
    ...annotations.list.map(({ name, datasource }): [string, DatasourceJson | undefined] => [name, datasource]),
    ...templating.list.filter(({ type }) => type === 'query').map(({ name, datasource }): [string, DatasourceJson | undefined] => [name, datasource])
  ]
  // eslint-disable-next-line no-template-curly-in-string -- Grafana's
  return asked.filter(([, datasource]) => datasource?.uid !== '${datasource}' || datasource.type !== 'prometheus').map(([what]) => `'${what}' asks a data source of its own`)
}

/** Every variable that is named exists, and every one that exists is named. */
const definedVariables: DashboardRule = dashboard => {
  const defined = dashboard.templating.list.map(({ name }) => name)
  const named = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z_]+)/g)].map(([, name]) => String(name))
  const usable = [...defined, ...BUILT_IN]
  return [
    ...named.filter(name => !usable.includes(name)).map(name => `there is no variable ${name}`),
    ...defined.filter(name => !named.includes(name)).map(name => `nothing uses the variable ${name}`)
  ]
}

/** A list has All, which is any value, and takes several. */
const variableLists: DashboardRule = ({ templating }) => templating.list
  .filter(({ type }) => type === 'query')
  .filter(({ multi, includeAll, allValue, label }) => !(multi && includeAll && allValue === '.+' && label))
  .map(({ name }) => `${name} is no list with All`)

/** The other dashboards are one click away, for the same time and choice. */
const links: DashboardRule = ({ uid, links, panels }) => [
  ...UIDS.filter(other => other !== uid && !links.some(({ url, keepTime, includeVars }) => url === `/d/${other}` && keepTime && includeVars)).map(other => `no link to ${other}`),
  ...[...JSON.stringify([links, panels]).matchAll(/"\/d\/([\w-]*)/g)].filter(([, target]) => !UIDS.includes(String(target))).map(([, target]) => `a link to ${target}, which is none of these`)
]

/** What a table does with a column names one that it has. */
const columns: DashboardRule = ({ panels }) => panels.filter(({ type }) => type === 'table').flatMap(({ title, targets = [], fieldConfig, transformations = [] }) => {
  const renamed = transformations.flatMap(({ options }) => Object.entries(options.renameByName ?? {}))
  const names = renamed.map(([, name]) => name)
  const values = ['Value', ...targets.map(({ refId }) => `Value #${refId}`)]
  return [
    ...fieldConfig?.overrides.filter(({ matcher }) => !names.includes(matcher.options)).map(({ matcher }) => `'${title}' has no column ${matcher.options}`) ?? [],
    ...values.filter(value => !renamed.some(([field]) => field === value)).map(value => `'${title}' leaves ${value} as it is called`),
    ...targets.filter(({ format, instant }) => format !== 'table' || !instant).map(({ refId }) => `'${title}', ${refId} is no table`)
  ]
})

export const structureRules: Readonly<Record<string, DashboardRule>> = {
  uniqueIds,
  noOverlap,
  texts,
  knownUnits,
  datasourceEverywhere,
  definedVariables,
  variableLists,
  links,
  columns
}
