import { findProblem, type Candidate } from './candidates.js'
import { chooseMixtures } from './choose-mixtures.js'
import { choose, chosen, type Choice } from './choose.js'
import { toUsedColumn, type LogLayout, type MixtureColumns, type TableHead, type UsedColumn } from './layout.js'
import type { ColumnKey } from './quantities.js'

type Find = (key: ColumnKey) => Choice | undefined

/** Chooses the columns of a log that has all required ones; throws an error that names what is unclear. */
export function chooseLayout (head: TableHead, candidates: readonly Candidate[]): LogLayout {
  const find: Find = key => choose(candidates.filter(candidate => candidate.key === key))
  // The header has both.
  const columns = {
    rpm: toUsedColumn(chosen(find('rpm')!)), map: toUsedColumn(chosen(find('map')!)), mixtures: chooseMixtures(find)
  }
  const weight = chooseWeight(find, columns.map)
  const optional = { tps: useOptional(find('tps')), iat: useOptional(find('iat')) }
  const used = [...Object.values(columns), ...Object.values(optional), weight].flat().flatMap(toIndices)
  return { ...head, ...columns, ...optional, weight, ignored: findIgnored(candidates, new Set(used)) }
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

function toIndices (column: UsedColumn | MixtureColumns | undefined): number[] {
  if (column === undefined) return []
  return 'index' in column ? [column.index] : [...column.commanded, column.measured].map(({ index }) => index)
}

/** Power beside torque is not worth a remark. */
function findIgnored (candidates: readonly Candidate[], used: ReadonlySet<number>): LogLayout['ignored'] {
  return candidates.filter(({ index }) => !used.has(index)).flatMap(candidate => {
    const problem = findProblem(candidate)?.sentence
    if (problem === undefined && candidate.key === 'power') return []
    return [{ name: candidate.name, reason: problem ?? 'Other columns are used.' }]
  })
}
