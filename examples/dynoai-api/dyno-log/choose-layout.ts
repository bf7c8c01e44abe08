import { findProblem, type Candidate } from './candidates.js'
import { chooseMixtures } from './choose-mixtures.js'
import { choose, chosen, type Choice } from './choose.js'
import { UnclearUnitError } from './errors.js'
import {
  toUsedColumn, usedColumns,
  type LogLayout, type MixtureColumns, type TableHead, type UsedColumn
} from './layout.js'
import type { ColumnKey } from './quantities.js'

type Find = (key: ColumnKey) => Choice | undefined

/** Chooses the columns of a log that has all required ones; throws an error that names what is unclear. */
export function chooseLayout (head: TableHead, candidates: readonly Candidate[]): LogLayout {
  const find: Find = key => choose(candidates.filter(candidate => candidate.key === key))
  // The header has both.
  const columns = {
    rpm: toUsedColumn(chosen(find('rpm')!)), map: toUsedColumn(chosen(find('map')!)), mixtures: chooseMixtures(find)
  }
  rejectOtherRatio(head, columns.mixtures)
  const weight = chooseWeight(find, columns.map)
  const optional = { tps: useOptional(find('tps')), iat: useOptional(find('iat')) }
  const layout = { ...head, ...columns, ...optional, weight }
  const used = usedColumns(layout).map(({ index }) => index)
  return { ...layout, ignored: findIgnored(candidates, new Set(used)) }
}

/** Lambda is converted with the ratio of petrol. Beside AFR of another fuel, that would change every correction. */
function rejectOtherRatio ({ names }: TableHead, mixtures: readonly MixtureColumns[]): void {
  const name = names.find(name => /stoich/i.test(name))
  const units = new Set(mixtures.flatMap(({ commanded, measured }) => [...commanded, measured]).map(({ unit }) => unit))
  if (name === undefined || units.size === 1) return
  throw new UnclearUnitError(`The log has AFR and lambda, and a stoichiometric ratio in the column '${name.trim()}', ` +
    'which is not read. Log both mixtures as AFR or both as lambda.')
}

/** A log without torque has power, from which torque follows, or its rows are weighted by MAP. */
function chooseWeight (find: Find, map: UsedColumn): LogLayout['weight'] {
  const torque = find('torque')
  if (torque !== undefined) return { ...toUsedColumn(chosen(torque)), by: 'torque' }
  const power = find('power')
  return power === undefined ? { ...map, by: 'map' } : { ...toUsedColumn(chosen(power)), by: 'power' }
}

/** The rows are only checked with these columns. A unit that cannot be read leaves the column out. */
function useOptional (choice: Choice | undefined): UsedColumn | undefined {
  if (choice === undefined) return undefined
  const isLeftOut = 'problem' in choice && ['unit', 'empty'].includes(choice.problem.kind)
  return isLeftOut ? undefined : toUsedColumn(chosen(choice))
}

/** Power beside torque is not worth a remark. */
function findIgnored (candidates: readonly Candidate[], used: ReadonlySet<number>): LogLayout['ignored'] {
  return candidates.filter(({ index }) => !used.has(index)).flatMap(candidate => {
    const problem = findProblem(candidate)?.sentence
    if (problem === undefined && candidate.key === 'power') return []
    return [{ name: candidate.name, reason: problem ?? 'Other columns are used.' }]
  })
}
