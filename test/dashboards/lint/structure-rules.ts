import { PER_MINUTE } from '../../../dashboards/src/panels/index.js'
import * as units from '@grafana/grafana-foundation-sdk/units'
import type { DatasourceJson, PanelJson } from '../../fixtures/dashboards/dashboard.js'
import type { DashboardRule } from './panel-rules.js'

// The rules in this file check that Grafana can import a dashboard, and that people can read it.

const UNITS = new Set<unknown>([...Object.values(units), PER_MINUTE])
const COLUMNS = 24
const UIDS = ['dynoai-overview', 'dynoai-slo', 'dynoai-node']

/** Variables of Grafana that the dashboards use. */
const BUILT_IN = ['__all', '__rate_interval', '__interval', '__range', '__value', '__url_time_range', '__data']

const withoutRows = (panels: readonly PanelJson[]): PanelJson[] => panels.filter(({ type }) => type !== 'row')
const withData = (panels: readonly PanelJson[]): PanelJson[] =>
  withoutRows(panels).filter(({ type }) => type !== 'text')

function findRepeated (values: readonly unknown[]): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i).map(String)
}

const uniqueIds: DashboardRule = ({ panels, annotations, templating }) => {
  const refIds = panels.map(({ title, targets = [] }) => ({ title, refIds: targets.map(({ refId }) => refId) }))
  const names = [...annotations.list, ...templating.list].map(({ name }) => name)
  return [
    ...findRepeated(panels.map(({ id }) => id)).map(id => `two panels have the id ${id}`),
    ...panels.filter(({ id }) => !(id > 0)).map(({ title }) => `'${title}' has no id`),
    ...findRepeated(panels.map(({ title }) => title)).map(title => `two panels have the title '${title}'`),
    ...refIds.flatMap(({ title, refIds }) => findRepeated(refIds).map(refId => `'${title}' has two queries ${refId}`)),
    ...refIds.flatMap(({ title, refIds }) =>
      refIds.filter(refId => !/^[A-Z]$/.test(refId)).map(() => `'${title}' has a query without a letter`)),
    ...findRepeated(names).map(name => `two annotations or variables have the name ${name}`)
  ]
}

/** Panels do not overlap and fit into the width. */
const noOverlap: DashboardRule = ({ panels }) => panels.flatMap(({ title, gridPos: a }, i) => [
  ...a.x < 0 || a.x + a.w > COLUMNS || a.w < 1 || a.h < 1 ? [`'${title}' has an invalid position or size`] : [],
  ...panels.slice(i + 1)
    .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
    .map(other => `'${title}' overlaps '${other.title}'`)
])

const texts: DashboardRule = ({ uid, description, panels }) => {
  const titlesOf = (found: readonly PanelJson[], problem: string): string[] =>
    found.map(({ title }) => `'${title}' has no ${problem}`)
  return [
    ...description === '' ? [`${uid} has no description`] : [],
    ...panels.filter(({ title }) => !title).map(({ id }) => `${id} has no title`),
    ...titlesOf(withoutRows(panels).filter(({ description }) => !description), 'description'),
    ...titlesOf(withData(panels).filter(({ fieldConfig }) => !fieldConfig?.defaults.noValue), 'text for no data'),
    ...titlesOf(withData(panels).filter(({ targets = [] }) => targets.length === 0), 'query')
  ]
}

const knownUnits: DashboardRule = ({ panels }) => withData(panels).flatMap(({ title, fieldConfig }) => {
  const overridden = (fieldConfig?.overrides ?? [])
    .flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit').map(({ value }) => value))
  return [fieldConfig?.defaults.unit, ...overridden]
    .filter(unit => !UNITS.has(unit))
    .map(unit => `'${title}' has the unknown unit ${unit}`)
})

const datasourceEverywhere: DashboardRule = ({ panels, annotations, templating }) => {
  type Query = readonly [location: string, datasource: DatasourceJson | undefined]
  const queries: Query[] = [
    ...withData(panels).map(({ title, datasource }): Query => [title, datasource]),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, datasource }): Query => [`${title}, ${refId}`, datasource])),
    ...annotations.list.map(({ name, datasource }): Query => [name, datasource]),
    ...templating.list.filter(({ type }) => type === 'query').map(({ name, datasource }): Query => [name, datasource])
  ]
  return queries
    // eslint-disable-next-line no-template-curly-in-string -- a Grafana variable
    .filter(([, datasource]) => datasource?.uid !== '${datasource}' || datasource.type !== 'prometheus')
    .map(([location]) => `'${location}' does not use the chosen data source`)
}

/** Every variable that is used is defined, and every variable that is defined is used. */
const definedVariables: DashboardRule = dashboard => {
  const defined = dashboard.templating.list.map(({ name }) => name)
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z_]+)/g)].map(([, name]) => String(name))
  const usable = [...defined, ...BUILT_IN]
  return [
    ...used.filter(name => !usable.includes(name)).map(name => `the variable ${name} is not defined`),
    ...defined.filter(name => !used.includes(name)).map(name => `the variable ${name} is unused`)
  ]
}

/** Several values of a variable can be chosen, and `All` means any value. */
const variableLists: DashboardRule = ({ templating }) => templating.list
  .filter(({ type }) => type === 'query')
  .filter(({ multi, includeAll, allValue, label }) => !(multi && includeAll && allValue === '.+' && label))
  .map(({ name }) => `${name} is not a list with All`)

/** Each dashboard has links to the others, which keep the time range and the variables. */
const links: DashboardRule = ({ uid, links, panels }) => {
  const isLinked = (other: string): boolean =>
    links.some(({ url, keepTime, includeVars }) => url === `/d/${other}` && keepTime && includeVars)
  const targets = [...JSON.stringify([links, panels]).matchAll(/"\/d\/([\w-]*)/g)].map(([, target]) => String(target))
  return [
    ...UIDS.filter(other => other !== uid && !isLinked(other)).map(other => `no link to ${other}`),
    ...targets.filter(target => !UIDS.includes(target)).map(target => `a link to the unknown dashboard ${target}`)
  ]
}

/** Overrides of a table refer to its columns, and every value has a column title. */
const columns: DashboardRule = ({ panels }) => panels.filter(({ type }) => type === 'table').flatMap(panel => {
  const { title, targets = [], fieldConfig, transformations = [] } = panel
  const renamed = transformations.flatMap(({ options }) => Object.entries(options.renameByName ?? {}))
  const names = renamed.map(([, name]) => name)
  const overridden = (fieldConfig?.overrides ?? []).map(({ matcher }) => matcher.options)
  const values = ['Value', ...targets.map(({ refId }) => `Value #${refId}`)]
  return [
    ...overridden.filter(name => !names.includes(name)).map(name => `'${title}' has no column ${name}`),
    ...values.filter(value => !renamed.some(([field]) => field === value))
      .map(value => `'${title}' does not name ${value}`),
    ...targets.filter(({ format, instant }) => format !== 'table' || !instant)
      .map(({ refId }) => `'${title}', ${refId} does not have the format table`)
  ]
})

/** The rules for the structure of a dashboard, by name. */
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
